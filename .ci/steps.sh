# Steps of a check: each is timed, its output kept and shown when it fails. Sourced by .ci/run and .ci/full.

passed=0
failed=0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/weir-ci.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# step NAME COMMAND...: runs the command; its output is shown whole when it fails, its last line when it does not.
step() {
  local name=$1 from=$SECONDS log="$scratch/step.log"
  shift
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    printf 'ok       %4ds  %s: %s\n' $((SECONDS - from)) "$name" "$(tail -n 1 "$log" | cut -c 1-160)"
  else
    failed=$((failed + 1))
    printf 'FAILED   %4ds  %s\n' $((SECONDS - from)) "$name"
    sed 's/^/    | /' "$log"
  fi
}

# skip NAME REASON: says what could not run here, and why; counts as neither passed nor failed.
skip() {
  printf 'skipped     -  %s: %s\n' "$1" "$2"
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# The last line, alone: what the machinery that reads this counts.
summary() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
