import { Controller, Get, Req, Res } from '@nestjs/common';
import { type Stage, stages } from '@sallyport/evidence';
import { queueName, type QueueCounts, StageQueues } from '@sallyport/queue';
import type { Request, Response } from 'express';
import { boardPath } from './board';
import { type Html, html } from './html';
import { CaseLog } from '@sallyport/case-log';
import { askingPhases, reviewPhases } from './cases/case-words';
import { sendPage } from './page';
import { type Role, roleWords } from './person';
import { Sessions } from './sessions';
import { stageWords } from './stage-words';

const roleMeans: Readonly<Record<Role, string>> = {
  viewer: 'You see cases and queues.',
  operator: 'You see cases and queues, and may retry, promote and clean jobs.',
};

@Controller()
export class HomeController {
  constructor(
    private readonly sessions: Sessions,
    private readonly queues: StageQueues,
    private readonly log: CaseLog,
  ) {}

  /** Who is signed in, what waits for people, and how the queues stand. */
  @Get()
  async home(@Req() request: Request, @Res() response: Response): Promise<void> {
    const person = this.sessions.person(request);
    if (person === null) return response.redirect(302, '/login?return=%2F');
    // A store that is down must not take the page with it that one looks at first.
    const counts = await this.queues.counts().catch(() => null);
    const waiting = await this.waiting().catch(() => null);
    sendPage(response, {
      title: 'Console',
      person,
      body: html`<section class="panel bar">
          <p>
            Signed in as <strong>${person.name}</strong>, ${roleWords[person.role]}.
            <span class="soft">${roleMeans[person.role]}</span>
          </p>
        </section>
        <section class="panel bar">
          <p>
            ${waiting ? cases(waiting) : html`<span class="failed">The cases cannot be read at the moment.</span>`}
          </p>
          <a class="button" href="/cases">Open the cases</a>
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

  private async waiting(): Promise<Waiting> {
    const [asked, reviews] = await Promise.all(
      [askingPhases, reviewPhases].map((phases) => this.log.caseIdsIn(phases, 'oldest', maxCounted + 1)),
    );
    return { asked: asked?.length ?? 0, reviews: reviews?.length ?? 0 };
  }
}

/** What is more is told as "more than". */
const maxCounted = 99;

interface Waiting {
  asked: number;
  reviews: number;
}

function cases({ asked, reviews }: Waiting): Html {
  return html`Waiting for a decision: <strong>${counted(asked)}</strong>. In manual review:
    <strong>${counted(reviews)}</strong>.`;
}

const counted = (count: number): string => (count > maxCounted ? `more than ${maxCounted}` : String(count));

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
