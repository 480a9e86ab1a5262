import type {Run} from './run.ts';

/** Who runs this, and where its log can be read: what a CI says, else the user of the machine. */
export function describeRunner({env}: Pick<Run, 'env'>): {who: string | null; run: string | null} {
  const {GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id} = env;
  const isGitHub = server !== undefined && repository !== undefined && id !== undefined;
  return {
    who: env.GITHUB_ACTOR ?? env.GITLAB_USER_LOGIN ?? env.USER ?? env.USERNAME ?? null,
    run: isGitHub ? `${server}/${repository}/actions/runs/${id}` : (env.CI_JOB_URL ?? env.BUILD_URL ?? null),
  };
}
