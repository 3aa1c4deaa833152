import { returnUrl } from './return-path';

const publicUrl = new URL('https://sallyport.example.com/');

describe('the page to return to after sign-in', () => {
  it('is the page of the console that was asked for', () => {
    expect(returnUrl('/queues/queue/sallyport-audit?status=failed', publicUrl).href).toBe(
      'https://sallyport.example.com/queues/queue/sallyport-audit?status=failed',
    );
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    'javascript:alert(1)',
    '@evil.example',
    ' //evil.example',
    `/${'é'.repeat(600)}`,
    '',
    undefined,
    ['/queues'],
  ])('is the front page instead of %j', (path) => {
    expect(returnUrl(path, publicUrl).href).toBe(publicUrl.href);
  });

  it('is never another host, however the path is dressed up', () => {
    for (const path of [
      '/.//evil.example',
      '/..//evil.example',
      '/%2F/evil.example',
      '/a/..//evil.example',
    ]) {
      expect(returnUrl(path, publicUrl).origin).toBe(publicUrl.origin);
    }
  });
});
