/** The literal parts of a pattern between its stars, lower case. */
export type UpnPattern = readonly string[];

/** One of the fifteen extension attributes of an account, and the value that puts it on a list. */
export interface ExtensionAttribute {
  name: string;
  value: string;
}

/** A UPN has at most 64 characters, an @, and 256 more. */
const patternMaxLength = 321;
/** What a user principal name may hold, and the star. https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-userprincipalname */
const patternText = /^[a-z0-9.\-_!#^~'@*]+$/;
const hasLiteral = /[a-z0-9]/;

/**
 * `svc-*@contoso.example`: a whole user principal name, in which a star stands for any characters or none. Upper and
 * lower case are the same.
 *
 * @throws RangeError for a character that no name has (a regular expression, for example), or nothing but stars: a
 * pattern that means something else than its author thinks would leave accounts unprotected.
 */
export function upnPatternOf(text: string): UpnPattern {
  const pattern = text.trim().toLowerCase();
  if (pattern.length > patternMaxLength || !patternText.test(pattern) || !hasLiteral.test(pattern)) {
    throw new RangeError(
      'must be user principal names with * for any characters, such as svc-*@contoso.example',
    );
  }
  return pattern.split('*');
}

/** No regular expression: its backtracking on a name that somebody chose could take for ever. */
export function matchesUpn([first = '', ...rest]: UpnPattern, userPrincipalName: string): boolean {
  const name = userPrincipalName.toLowerCase();
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

/**
 * `extensionAttribute7=break-glass`; values are compared without regard to case.
 *
 * @throws RangeError for another attribute, or no value
 */
export function extensionAttributeOf(text: string): ExtensionAttribute {
  const [, number, value] = /^extensionAttribute([1-9]|1[0-5])=(.{1,1024})$/i.exec(text.trim()) ?? [];
  if (number === undefined || value === undefined || value.trim() === '') {
    throw new RangeError(
      'must be extensionAttribute1 to 15 with a value, such as extensionAttribute7=break-glass',
    );
  }
  return { name: `extensionAttribute${number}`, value: value.trim() };
}
