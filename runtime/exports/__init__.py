"""The history in the forms that other programs read. `docs/exports.md` tells every field of each form."""
