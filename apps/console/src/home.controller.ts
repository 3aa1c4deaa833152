import { Controller, Get, Req, Res } from '@nestjs/common';
import { type Stage, stages } from '@sallyport/evidence';
import { queueName, type QueueCounts, StageQueues } from '@sallyport/queue';
import type { Request, Response } from 'express';
import { boardPath } from './board';
import { type Html, html } from './html';
import { sendPage } from './page';
import { type Role, roleWords } from './person';
import { Sessions } from './sessions';
import { stageWords } from './stage-words';

const roleMeans: Readonly<Record<Role, string>> = {
  viewer: 'You see the queues and change nothing.',
  operator: 'You may retry, promote and clean jobs.',
};

@Controller()
export class HomeController {
  constructor(
    private readonly sessions: Sessions,
    private readonly queues: StageQueues,
  ) {}

  /** Who is signed in, and how the queues stand. */
  @Get()
  async home(@Req() request: Request, @Res() response: Response): Promise<void> {
    const person = this.sessions.person(request);
    if (person === null) return response.redirect(302, '/login?return=%2F');
    // A store that is down must not take the page with it that one looks at first.
    const counts = await this.queues.counts().catch(() => null);
    sendPage(response, {
      title: 'Console',
      body: html`<section class="panel bar">
          <p>
            Signed in as <strong>${person.name}</strong>, ${roleWords[person.role]}.
            <span class="soft">${roleMeans[person.role]}</span>
          </p>
          <form method="post" action="/logout"><button>Sign out</button></form>
        </section>
        <section class="panel">
          <div class="bar">
            <h2>Queues</h2>
            <a class="button" href="${boardPath}">Open the queues</a>
          </div>
          ${counts ? table(counts) : unreadable}
        </section>`,
    });
  }
}

const unreadable = html`<p class="bar failed">
  The queues cannot be read at the moment. Load the page again.
</p>`;

function table(counts: Readonly<Record<Stage, QueueCounts>>): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Stage</th>
        <th scope="col" class="count">Waiting</th>
        <th scope="col" class="count">Active</th>
        <th scope="col" class="count">Delayed</th>
        <th scope="col" class="count">Failed</th>
      </tr>
    </thead>
    <tbody>
      ${stages.map((stage) => row(stage, counts[stage]))}
    </tbody>
  </table>`;
}

function row(stage: Stage, { waiting, active, delayed, failed }: QueueCounts): Html {
  const { name, does } = stageWords[stage];
  return html`<tr>
    <th scope="row">
      <a href="${boardPath}/queue/${queueName(stage)}">${name}</a>
      <span class="soft small">${does}</span>
    </th>
    ${[cell(waiting), cell(active), cell(delayed), cell(failed, 'failed')]}
  </tr>`;
}

function cell(count: number, emphasis = ''): Html {
  return html`<td class="count ${count === 0 ? 'zero' : emphasis}">${count}</td>`;
}
