#!/bin/sh
# Runs every notebook on an export of Assay and writes it as HTML.
#
#   notebooks/run.sh EXPORT OUT      default: dist/export dist/notebooks
#
# PYTHON (default /usr/bin/python3) is both the converter and the kernel: a
# kernel of another Python on this machine, without pandas, must not be picked.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
export=${1:-$root/dist/export}
out=${2:-$root/dist/notebooks}
python=${PYTHON:-/usr/bin/python3}

"$python" -c 'import ipykernel, matplotlib, nbconvert, pandas' 2>/dev/null || {
  echo "the notebooks need jupyter-nbconvert, python3-ipykernel, python3-pandas and python3-matplotlib for $python:" >&2
  echo "  apt-get install jupyter-nbconvert python3-ipykernel python3-pandas python3-matplotlib" >&2
  exit 1
}
test -s "$export/effects.csv" || { echo "$export has no effects.csv: run assay export --out $export" >&2; exit 1; }

# Settings of this machine's user stay out of it, and nothing is left behind.
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
mkdir -p "$own/kernels/python3" "$out"
printf '{"argv": ["%s", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Python 3", "language": "python"}\n' \
  "$python" >"$own/kernels/python3/kernel.json"
ASSAY_EXPORT=$(cd "$export" && pwd)
export ASSAY_EXPORT JUPYTER_DATA_DIR="$own" JUPYTER_CONFIG_DIR="$own/config" IPYTHONDIR="$own/ipython" MPLCONFIGDIR="$own/matplotlib"
export PYDEVD_DISABLE_FILE_VALIDATION=1 # a debugger's warning about Python's own modules

for notebook in "$root"/notebooks/*.ipynb; do
  if grep -q '"output_type"' "$notebook"; then
    echo "$notebook was saved with outputs: clear them before committing" >&2
    exit 1
  fi
  "$python" -m nbconvert --log-level WARN --to "${FORMAT:-html}" --execute --ExecutePreprocessor.timeout=300 --output-dir "$out" "$notebook"
  echo "ran $notebook"
done
echo "written to $out"
