#!/bin/bash
# Trains a job in one Slurm job: all ranks together, in groups of which each takes one trial after
# another. Goes on by itself after the time limit, a preemption, or the loss of a node, until every
# trial is done.
#
#   sbatch slurm/train.sbatch JOB.yaml [OPTION OF lockstep run...]
#
# What the lines ask for can also be said on sbatch's command line, which then counts:
# `sbatch --nodes=4 --time=30:00 slurm/train.sbatch JOB.yaml`. docs/slurm.md explains each line.

#SBATCH --job-name=small
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=8
# A rank computes in one thread: one core each, and not two ranks on the two threads of one.
#SBATCH --cpus-per-task=1
#SBATCH --ntasks-per-core=1
#SBATCH --time=00:02:00
# Slurm may put the job back into the queue; what it prints then goes on in the same file.
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.out
# So many seconds before the limit this script (B:) gets the signal USR1.
#SBATCH --signal=B:USR1@30

#SBATCH --mem-per-cpu=640M

# 6 trials on 2 nodes with 8 ranks each; 8 at a time, 2 ranks per trial.
# About 0.0 s at the speed of the machine where this was written.
LOCKSTEP=${LOCKSTEP:-'/tmp/h3/build/rel/src/lockstep'}
set -- 'job.yaml' --set 'title=it'\''s "a" `b` \\c' -o 'my results.h5'

set -u
most_restarts=${MAX_RESTARTS:-20}
# How the ranks are started. Where Slurm has no PMIx (`srun --mpi=list`): LAUNCHER=mpirun.
launcher=${LAUNCHER:-srun --mpi=pmix --cpu-bind=cores --kill-on-bad-exit=1}
program=${LOCKSTEP:-lockstep}

# The exit status of a launcher says little: it may be its own. The program leaves its own in a file,
# on the node of rank 0, which is the one where this script runs.
left=${TMPDIR:-/tmp}/lockstep-$SLURM_JOB_ID.status
rm -f "$left"

# In the background, so that the shell is free to act on signals. It hands them on to the launcher,
# which gives them to all ranks: they finish their step and end with status 75.
ranks=
trap '[[ -z $ranks ]] || kill -USR1 "$ranks" 2>/dev/null' USR1 TERM
$launcher "$program" run "$@" --status="$left" &
ranks=$!
while kill -0 "$ranks" 2>/dev/null; do wait "$ranks"; done # a signal ends `wait`, too

status=$(cat "$left" 2>/dev/null)
rm -f "$left"
case $status in
75) reason="stopped in time" ;;
'') reason="ended from outside" ;; # killed, a node lost, or never started
*) exit "$status" ;;               # 0 done; 1 or 2: trying again would not help
esac

restarts=${SLURM_RESTART_COUNT:-0}
if ((restarts >= most_restarts)); then
  echo "train.sbatch: $reason; not restarted again after $restarts restarts" >&2
  exit "${status:-1}"
fi
# A job that somebody cancels stays cancelled.
if scontrol show job --oneliner "$SLURM_JOB_ID" | grep -q 'JobState=CANCELLED'; then
  exit "${status:-1}"
fi
echo "train.sbatch: $reason; back into the queue (restart $((restarts + 1)) of at most $most_restarts)"
scontrol requeue "$SLURM_JOB_ID"
