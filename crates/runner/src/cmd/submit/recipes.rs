//! Launchers that are told how, and not run: the same `downhill work` each time.

use super::Job;
use std::path::Path;

fn work(job: &Job, program: &Path, part: &str) -> String {
    let (plan, dir, of) = (job.plan.display(), job.dir.display(), job.shards);
    format!("{} work --plan {plan} --shard {part}/{of} --jobs 1 --quiet --out {dir}", program.display())
}

/// HyperQueue, for many short parts inside one allocation.
pub(super) fn hyperqueue(job: &Job, program: &Path) -> String {
    let todo: Vec<String> = job.todo.iter().map(usize::to_string).collect();
    format!(
        "# HyperQueue: a server, workers, and a task a part. Not run by the authors of downhill.\n\
         hq server start --journal hq.journal &\n\
         hq worker start &\n\
         hq submit --wait --array {} --crash-limit 5 -- sh -c '{}'\n\
         # Those that were lost: downhill submit hyperqueue STUDY --missing\n",
        todo.join(","),
        work(job, program, "$HQ_TASK_ID")
    )
}

/// GNU parallel, for some machines with ssh and one file system.
pub(super) fn parallel(job: &Job, program: &Path) -> String {
    let todo: Vec<String> = job.todo.iter().map(usize::to_string).collect();
    format!(
        "# GNU parallel, here; on other machines by -S host1,host2, which was not run by the authors of downhill.\n\
         parallel --joblog {} --retries 2 '{}' ::: {}\n\
         # Those that were lost: downhill submit parallel STUDY --missing\n",
        job.beside("joblog").display(),
        work(job, program, "{}"),
        todo.join(" ")
    )
}

/// An Indexed Job of Kubernetes.
pub(super) fn kubernetes(job: &Job) -> String {
    let (id, shards, width) = (job.head.id(), job.shards, job.shards.min(50));
    let name = job.plan.file_name().unwrap_or_default().to_string_lossy();
    format!(
        r#"# An Indexed Job of Kubernetes 1.33. Not run by the authors of downhill. Fill in IMAGE and CLAIM: a volume that all
# pods write, with the study's folder at its root. Parts that are done end at once when the job is created again.
apiVersion: batch/v1
kind: Job
metadata:
  name: downhill-{id}
spec:
  completions: {shards}
  parallelism: {width}
  completionMode: Indexed
  backoffLimitPerIndex: 3
  podFailurePolicy:
    rules:
    - action: Ignore
      onPodConditions: [{{type: DisruptionTarget}}]
    - action: FailIndex
      onExitCodes: {{containerName: work, operator: In, values: [2, 3]}}
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: work
        image: IMAGE
        command: ["sh", "-c", "exec downhill work --plan /study/plans/{name} --shard $JOB_COMPLETION_INDEX/{shards} --jobs 1 --quiet --out /study"]
        resources: {{requests: {{cpu: "1", memory: 1Gi}}, limits: {{memory: 2Gi}}}}
        volumeMounts: [{{name: study, mountPath: /study}}]
      volumes:
      - name: study
        persistentVolumeClaim: {{claimName: CLAIM}}
"#
    )
}
