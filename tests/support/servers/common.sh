# Sourced by the start and stop scripts beside it. Ends only processes that these scripts started.

# Running means no zombie: the init of a container may reap late, so a plain `kill -0` is not enough.
running() {
  local s
  read -r _ _ s _ < <(sed 's/(.*)/x/' "/proc/$1/stat" 2>/dev/null) && [ "$s" != Z ]
}

alive() { # pidfile
  [ -s "$1" ] && running "$(cat "$1")"
}

wait_port() { # port seconds pid log
  local i
  for ((i = 0; i < $2 * 10; i++)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
    [ -n "$3" ] && ! running "$3" && { echo "died; see $4" >&2; tail -20 "$4" >&2; return 1; }
    sleep 0.1
  done
  echo "port $1 not open after $2 s; see $4" >&2
  return 1
}

# The folder of the pid file goes into the environment of the process: `stop_pid` knows it again by that,
# so a pid that meanwhile belongs to somebody else is left alone.
spawn() { # pidfile logfile command…
  local pf=$1 lf=$2
  shift 2
  PANSEA_SERVER_DIR=$(dirname "$pf") setsid nohup "$@" >>"$lf" 2>&1 </dev/null &
  echo $! >"$pf"
}

ours() { # pid dir
  tr '\0' '\n' <"/proc/$1/environ" 2>/dev/null | grep -qxF "PANSEA_SERVER_DIR=$2"
}

stop_pid() { # pidfile
  [ -s "$1" ] || return 0
  local p
  p=$(cat "$1")
  if running "$p" && ours "$p" "$(dirname "$1")"; then
    kill -TERM "$p"
    for _ in $(seq 100); do running "$p" || break; sleep 0.1; done
    if running "$p"; then kill -KILL "$p"; fi
  fi
  rm -f "$1"
}
