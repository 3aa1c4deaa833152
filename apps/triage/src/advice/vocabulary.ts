/*
 * What a sentence may say without the evidence saying it too. Everything else that looks like a name must be found in
 * the cited evidence.
 */

/** Capitalised words and abbreviations of the field; they claim nothing about a case. */
export const fieldWords: ReadonlySet<string> = new Set(
  `Azure Conditional Directory Entra Graph ID Identity IP MFA Microsoft Operations Protection SecOps SSPR Sallyport
   ServiceNow Teams UTC`
    .split(/\s+/)
    .map((word) => word.toLowerCase()),
);

/** Words that a sentence may begin with, so that no name hides behind the capital of a first word. */
export const openers: ReadonlySet<string> = new Set(
  `a about access account after all also although an and another any approve approver as ask at because before both but
   by change changes compliant conditional confirm containing containment contact contain could credential despite
   detection detections device devices did do does during each either enabled evidence every failed few for from give
   given had has have he her his how however if immediate in interactive is it its last later likely logs manager many
   may might more most multi multifactor neither network networks new newest no non none nor not nothing of off on one
   only open or other our password people policy prior privileged rather recent registered registration release
   releasing risk risky role roles self service session sessions several she should sign signing since so some speak
   such successful surrounding that the their there these they this those though ticket to together unfamiliar
   unknown unless until unlikely user verify was were what when where whether which while who whose why with within
   without would`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Kinds of device and software, in whatever case they are written. */
export const deviceWords: ReadonlySet<string> = new Set(
  `android blackberry chrome chromebook chromeos chromium debian edge fedora firefox galaxy iphone ipad ipados ios kali
   kindle linux mac macbook macos nexus opera outlook pixel playstation powershell python raspberry safari samsung
   surface thinkpad tor ubuntu windows xbox yubikey`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

export const monthAndDayWords: ReadonlySet<string> = new Set(
  `january february march april june july august september october november december jan feb apr jun jul aug sept oct
   nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri today
   yesterday tomorrow tonight midnight noon morning afternoon evening night overnight ago christmas easter weekend`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** "One" counts only before a noun: see `grounding.ts`. */
export const numberWords: ReadonlySet<string> = new Set(
  `zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
   nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions
   billion billions trillion dozen dozens score scores once twice thrice single double triple quadruple half third
   quarter couple pair first second fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
   fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth hundredth
   thousandth halves thirds quarters tens twenties thirties`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
