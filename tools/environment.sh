#!/bin/sh
# Set up .venv for the Makefile:  tools/environment.sh requirements-book.txt
# Finds a Python that works, makes .venv, installs what the file lists, and does nothing when that was done before.
# Everything that can go wrong on a fresh machine ends in one line that says what to do.
set -u
cd "$(dirname "$0")/.." || exit 1
requirements=${1:?usage: tools/environment.sh REQUIREMENTS.txt}
venv=${VENV:-.venv}
log=$venv/install.log

stop() { echo "unrolled: $*" >&2; exit 1; }

[ -w . ] || stop "cannot write into $PWD: copy the folder to a place of your own (cp -r), and run it there"

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

is_right() { case $(version_of "$1") in 3.11 | 3.12 | 3.13) return 0 ;; *) return 1 ;; esac; }

# A command of the right name may be a stub that only says what is missing, so each one is tried.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_right "$PYTHON" && { echo "$PYTHON"; return; }
        if found=$(version_of "$PYTHON"); then found="is Python $found"; else found="does not run"; fi
        stop "PYTHON=$PYTHON $found; Python 3.11, 3.12 or 3.13 is needed"
    fi
    seen=
    for candidate in python3 python3.13 python3.12 python3.11 python; do
        is_right "$candidate" && { echo "$candidate"; return; }
        found=$(version_of "$candidate") && seen="$seen, $candidate is $found"
    done
    stop "Python 3.11, 3.12 or 3.13 is needed${seen:+ ($(echo "$seen" | cut -c3-))}; install one, or name it: make book PYTHON=/path/to/python3.13"
}

make_venv() {
    python=$(find_python) || exit 1
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        stop "$python has no venv module; on Debian and Ubuntu: sudo apt install python$(version_of "$python")-venv"
    rm -rf "$venv"
    "$python" -m venv "$venv" >/dev/null 2>&1 || stop "$python could not make $venv; try: $python -m venv $venv"
}

why_it_failed() {
    if grep -q -i -E 'name resolution|NameResolution|failed to establish|unreachable|ConnectTimeout|ConnectionError|ProxyError|from versions: none' "$log"; then
        echo "no network? pip could not reach the package index"
    elif grep -q -i 'no space left' "$log"; then
        echo "the disk is full"
    else
        grep -E '^ERROR' "$log" | head -n 1
    fi
}

# Each list that is installed leaves a stamp; requirements.txt includes requirements-book.txt, and so leaves both.
stamp() { echo "$venv/installed-$(basename "$1" .txt)"; }
sum() { case $1 in requirements.txt) cat requirements*.txt | cksum ;; *) cksum <"$1" ;; esac; }
is_right "$venv/bin/python" && [ -x "$venv/bin/pip" ] || make_venv
if [ -f "$(stamp "$requirements")" ]; then
    [ "$(cat "$(stamp "$requirements")")" = "$(sum "$requirements")" ] && exit 0
    make_venv # the list has changed: what it named before must not linger
fi

echo "Installing $requirements into $venv ($("$venv/bin/python" --version)); the first time takes a minute ..."
install() { "$venv/bin/python" -m pip install --disable-pip-version-check --no-input "$@" >>"$log" 2>&1; }
: >"$log"
install -r "$requirements" && case $requirements in
    requirements.txt) install --no-deps -r requirements-data.txt ;;
esac || stop "could not install $requirements: $(why_it_failed) (all of it: $log)"
for list in requirements-book.txt "$requirements"; do sum "$list" >"$(stamp "$list")"; done
