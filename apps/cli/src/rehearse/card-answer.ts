interface Answer {
  status: number;
  body: unknown;
}

/** What a person sees after a click: the invoke's own status and either a card or words. */
export function isRefusal({ status, body }: Answer): boolean {
  if (status !== 200 || typeof body !== 'object' || body === null) return true;
  return !('type' in body) || body.type !== 'application/vnd.microsoft.card.adaptive';
}

export function answerText({ status, body }: Answer): string {
  if (typeof body === 'object' && body !== null && 'value' in body) {
    return typeof body.value === 'string' ? body.value : JSON.stringify(body.value);
  }
  return `${status} ${JSON.stringify(body)}`;
}
