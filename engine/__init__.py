"""The rules of a campaign, pure: no clock, no SQL, no files, no network, no randomness.

Inside, imports point down only: usecases > ports > rules > model. From outside the standard library the engine
imports one package, `transitions`, and none of the other folders of this project.
"""
