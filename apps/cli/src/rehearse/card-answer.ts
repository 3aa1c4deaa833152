/** What a person sees after a click: words, or a card whose text is given as JSON. */
export function answerText({ status, body }: { status: number; body: unknown }): string {
  if (typeof body === 'object' && body !== null && 'value' in body) {
    return typeof body.value === 'string' ? body.value : JSON.stringify(body.value);
  }
  return `${status} ${JSON.stringify(body)}`;
}
