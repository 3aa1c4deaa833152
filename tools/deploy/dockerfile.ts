import { textOf } from './repository';

/** One `FROM` of the Dockerfile and what follows it. */
export interface ImageStage {
  name: string;
  from: string;
  user: string | null;
  env: Record<string, string>;
  copied: string[];
}

/** The stages of the Dockerfile; a stage inherits user and environment from the one it is built on. */
export function imageStages(): Map<string, ImageStage> {
  const stages = new Map<string, ImageStage>();
  const text = textOf('Dockerfile').replaceAll('\\\n', ' ');
  const nodeImage = /^ARG NODE_IMAGE=(\S+)$/m.exec(text)?.[1] ?? '';
  let stage: ImageStage | undefined;
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    if (word === 'FROM') {
      const [from = '', , name = ''] = rest;
      const parent = stages.get(from);
      stage = {
        name,
        from: from.replace('${NODE_IMAGE}', nodeImage),
        user: parent?.user ?? null,
        env: { ...parent?.env },
        copied: [],
      };
      stages.set(name, stage);
    } else if (word === 'USER' && stage) stage.user = rest[0] ?? null;
    else if (word === 'COPY' && stage) stage.copied.push(rest.join(' '));
    else if (word === 'ENV' && stage) {
      for (const pair of rest)
        stage.env[pair.slice(0, pair.indexOf('='))] = pair.slice(pair.indexOf('=') + 1);
    }
  }
  return stages;
}
