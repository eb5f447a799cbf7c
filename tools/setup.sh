#!/bin/sh
# Makes .venv and installs what the lock names; does nothing when that is already done.
#
#   tools/setup.sh run     what duban itself needs
#   tools/setup.sh test    the same and the tools of the tests
#   tools/setup.sh peers   adds the other engines that `make bench` measures beside duban (no lock holds them)
#   tools/setup.sh mutants adds what `make mutants` changes the code with (no lock holds it)
#
# PYTHON=python3.13 chooses the interpreter. It uses uv where that is on the PATH, venv and pip otherwise.
set -eu

cd "$(dirname "$0")/.."
mode=${1:-test}
venv=.venv
python=$venv/bin/python

case $mode in
  run) lock=requirements.lock ;;
  test) lock=requirements-test.lock ;;
  peers|mutants) lock= ;;
  *) echo "usage: tools/setup.sh [run|test|peers|mutants]" >&2; exit 2 ;;
esac

say() { printf '%s\n' "$*" >&2; }

fail() {
  say ""
  for line in "$@"; do say "set-up: $line"; done
  exit 1
}

# What the environment was made from: a moved folder or a changed lock makes it stale …
stamp() { { pwd; cat "$1" tools/setup.sh; } | cksum; }
is_ready() { # mode lock
  [ -x "$python" ] && [ "$(cat "$venv/ready-$1" 2>/dev/null)" = "$(stamp "$2")" ]
}

# … and a changed pyproject.toml only asks for the project itself to be installed again.
is_linked() { [ "$(cat $venv/linked 2>/dev/null)" = "$(cksum < pyproject.toml)" ]; }
link() {
  add --no-deps --no-build-isolation -e . &&
    cksum < pyproject.toml > $venv/linked
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
has_ensurepip() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }
has_outer_pip() { # pip 22.3 learned --python, which fills an environment from outside
  "$1" -c 'import venv, pip; import sys; sys.exit([int(n) for n in pip.__version__.split(".")[:2]] < [22, 3])' \
    >/dev/null 2>&1
}

# Prints the first interpreter that passes every named check.
find_python() {
  for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    ok=yes
    for check in is_new_enough "$@"; do "$check" "$candidate" || { ok=no; break; }; done
    if [ $ok = yes ]; then command -v "$candidate"; return 0; fi
  done
  return 1
}

explain_python() {
  found=$(python3 --version 2>/dev/null || echo none)
  fail "Python 3.11 or newer is needed; looked for ${PYTHON:-python3, python3.14 … python3.11}, found: $found." \
    "Debian 12, Ubuntu 24.04 and newer: sudo apt install python3 python3-venv" \
    "Ubuntu 22.04:                      sudo apt install python3.11 python3.11-venv" \
    "Another one can be named:          PYTHON=/path/to/python3.13 make setup"
}

explain_venv() {
  version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  fail "$1 cannot make an environment: its venv package is missing." \
    "Debian and Ubuntu: sudo apt install python$version-venv" \
    "or have uv on the PATH, for example: pipx install uv"
}

make_environment() {
  rm -rf $venv
  if [ $tool = uv ] && base=$(find_python); then
    uv venv --quiet --no-python-downloads --python "$base" $venv
  elif [ $tool = uv ]; then # uv knows of more places than the PATH
    uv venv --quiet --no-python-downloads --python '>=3.11' $venv 2>/dev/null || explain_python
  elif base=$(find_python has_ensurepip); then
    "$base" -m venv $venv
  elif base=$(find_python has_outer_pip); then
    "$base" -m venv --without-pip $venv &&
      printf '%s' "$base" > $venv/outer-python
  else
    base=$(find_python) || explain_python
    explain_venv "$base"
  fi
}

add() {
  if [ $tool = uv ]; then
    uv pip install --quiet --python $python "$@"
  elif [ -e $venv/outer-python ]; then
    "$(cat $venv/outer-python)" -m pip --python $python install --quiet --disable-pip-version-check "$@"
  else
    $python -m pip install --quiet --disable-pip-version-check "$@"
  fi
}

# The pip of Python 3.11 and 3.12 judges every file of the index anew, which takes longer than all the rest: the lock names
# a newer one. From here on no outer pip is needed either.
renew_pip() {
  sed -n '/^pip==/,/^    # via/p' "$lock" > $venv/pip.lock &&
    add --require-hashes -r $venv/pip.lock &&
    rm -f $venv/outer-python
}

# The lock is complete, so nothing is resolved; each module is compiled when it is first imported.
install_locked() {
  say "set-up: making $venv from $lock with $tool, once"
  make_environment && { [ $tool = uv ] || renew_pip; } && add --no-compile --no-deps --require-hashes -r "$lock" &&
    link || return
  stamp "$lock" > "$venv/ready-$mode"
  say "set-up: done"
}

install_group() { # of pyproject.toml
  # Read here, because pip learned --group only in 25.1.
  names=$($python -c 'import sys, tomllib
print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"][sys.argv[1]], sep="\n")' "$1")
  # shellcheck disable=SC2086 # one word a requirement
  add $names
}

tool=pip
if command -v uv >/dev/null 2>&1; then tool=uv; fi

if [ -z "$lock" ]; then
  install_group "$mode"
elif { is_ready test requirements-test.lock || is_ready "$mode" "$lock"; } && { is_linked || link; }; then
  exit 0
elif ! install_locked; then
  [ $tool = uv ] || exit 1
  say "set-up: uv could not (its certificates and index are set apart from pip's); trying venv and pip"
  tool=pip
  install_locked
fi
