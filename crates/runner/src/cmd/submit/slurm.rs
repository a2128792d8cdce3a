//! Slurm: an array job whose script can be read.

use super::{Args, Job, note};
use crate::cmd::say;
use crate::shards::Head;
use crate::store::write_atomically;
use anyhow::{Context as _, Result, bail};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Slurm's own default of MaxArraySize, where it cannot be asked.
const MAX_ARRAY_SIZE: usize = 1001;

/// The most parts of an array: its indices are below MaxArraySize.
pub(super) fn most() -> usize {
    let config = Command::new("scontrol").args(["show", "config"]).output().ok();
    let text = config.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
    let line = text.lines().find(|line| line.trim_start().starts_with("MaxArraySize"));
    let value = line.and_then(|line| line.split_once('=')?.1.trim().parse().ok());
    value.unwrap_or(MAX_ARRAY_SIZE).max(1)
}

/// The parts of a plan that wait or run.
pub(super) fn queued(head: &Head) -> HashSet<usize> {
    let name = format!("downhill-{}", head.id());
    let queue = Command::new("squeue").args(["--noheader", "--array", "--format=%K", "--name", &name]).output().ok();
    let text = queue.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
    text.lines().filter_map(|line| line.trim().parse().ok()).collect()
}

/// Writes the script, and submits the parts that are to be run.
pub(super) fn submit(job: &Job, args: &Args, program: &Path) -> Result<ExitCode> {
    let (script, array) = (job.beside("sbatch"), ranges(&job.todo));
    let text = text(job, args, program);
    if args.print {
        say(&format!("{text}# sbatch --array={array} {}\n", script.display()));
        return Ok(ExitCode::SUCCESS);
    }
    note(job)?;
    fs::create_dir_all(job.dir.join("logs")).with_context(|| format!("cannot write {}", job.dir.display()))?;
    write_atomically(&script, text.as_bytes())?;
    let sent = Command::new("sbatch").arg("--parsable").arg(format!("--array={array}")).arg(&script).output();
    let sent = sent.with_context(|| {
        format!("cannot run sbatch: is this a machine of the cluster? The script is {}", script.display())
    })?;
    if !sent.status.success() {
        bail!("sbatch refused {}: {}", script.display(), String::from_utf8_lossy(&sent.stderr).trim());
    }
    say(&format!("job {}, script {}\n", String::from_utf8_lossy(&sent.stdout).trim(), script.display()));
    Ok(ExitCode::SUCCESS)
}

fn text(job: &Job, args: &Args, program: &Path) -> String {
    let Job { head, plan, dir, shards, seconds, .. } = job;
    // Three times what the pilot says: trials differ, and so do machines. At its end a part goes on by itself.
    let minutes = ((3.0 * seconds / 60.0).ceil() as u64).max(10);
    let more: String = args.sbatch.iter().map(|option| format!("#SBATCH {option}\n")).collect();
    let quoted = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', "'\\''"));
    format!(
        r#"#!/bin/bash
# {trials} trials of the study {study} in {shards} parts. Which are done, files say: `downhill status`.
#SBATCH --job-name=downhill-{id}
#SBATCH --cpus-per-task=1
#SBATCH --time={hours:02}:{minutes:02}:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@60
#SBATCH --output={logs}/%A_%a.log
{more}
# A minute before its time is over, a part stops, keeps what is done, and is queued again to go on.
again() {{
    kill -TERM "$work"
    wait "$work"
    scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"
}}
trap again TERM

{program} work --plan {plan} --shard "$SLURM_ARRAY_TASK_ID/{shards}" --jobs 1 --quiet --out {dir} &
work=$!
wait "$work"
"#,
        trials = head.trials,
        study = head.study,
        id = head.id(),
        hours = minutes / 60,
        minutes = minutes % 60,
        logs = dir.join("logs").display(),
        program = quoted(program),
        plan = quoted(plan),
        dir = quoted(dir),
    )
}

/// `0-3,7,9-10`.
fn ranges(parts: &[usize]) -> String {
    let runs = parts.chunk_by(|a, b| a + 1 == *b);
    let run = |run: &[usize]| match run {
        [one] => one.to_string(),
        _ => format!("{}-{}", run[0], run[run.len() - 1]),
    };
    runs.map(run).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    #[test]
    fn neighbours_are_a_range() {
        assert_eq!(super::ranges(&[0, 1, 2, 3, 7, 9, 10]), "0-3,7,9-10");
        assert_eq!(super::ranges(&[5]), "5");
    }
}
