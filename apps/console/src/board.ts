import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { IServerAdapter } from '@bull-board/api/typings/app';
import { ExpressAdapter } from '@bull-board/express';
import { stages } from '@sallyport/evidence';
import type { StageQueues } from '@sallyport/queue';
import type { RequestHandler } from 'express';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Role, roleWords } from './person';
import { stageWords } from './stage-words';

export const boardPath = '/queues';

/** Bull Board's page and its files, which tools/build.mjs copies beside the bundle. From source its package is found. */
const copiedUi = join(__dirname, 'bull-board-ui');

/** Bull Board over all queues, as one role sees it. What a role may do is decided before a request comes here. */
export function board(queues: StageQueues, role: Role): RequestHandler {
  const express = new ExpressAdapter().setBasePath(boardPath);
  const serverAdapter: object = express;
  if (!isServerAdapter(serverAdapter)) throw new Error('This Bull Board has no use for its Express adapter.');
  createBullBoard({
    queues: stages.map((stage) => {
      const { name, does } = stageWords[stage];
      return new BullMQAdapter(queues.queue(stage), {
        displayName: name,
        description: does,
        readOnlyMode: role === 'viewer',
      });
    }),
    serverAdapter,
    options: {
      ...(existsSync(copiedUi) && { uiBasePath: copiedUi }),
      uiConfig: {
        boardTitle: 'Sallyport queues',
        // The menu is in the order of the straight line, not of the alphabet.
        sortQueues: false,
        hideDocsLink: true,
        // Versions and memory of the store are nobody's business here.
        hideRedisDetails: true,
        miscLinks: [{ text: 'Sallyport console', url: '/' }],
        environment: {
          label: roleWords[role],
          color: role === 'viewer' ? '#52606d' : '#9a3412',
          textColor: '#fff',
        },
        theme: { light: fonts, dark: fonts },
      },
    },
  });
  return express.getRouter();
}

/**
 * Bull Board's newest API was released without its Express adapter, which brings an older one along. At run time they
 * fit; their types are two declarations of one class, which a check at run time joins.
 */
function isServerAdapter(adapter: object): adapter is IServerAdapter {
  const needed = ['setQueues', 'setApiRoutes', 'setEntryRoute', 'setErrorHandler', 'setUIConfig'];
  return needed.every((method) => method in adapter);
}

/** Its own fonts come from elsewhere, and no page of the console loads anything from elsewhere. */
const fonts = { 'font-sans': 'system-ui, sans-serif', 'font-mono': 'ui-monospace, monospace' };
