/*
 * All that a sentence may say without the evidence it cites saying it too. In alphabetical order, in lower case, and
 * closed: a word that is missing costs a good sentence, one too many lets a model invent. So there are none that count,
 * order or last (number words, ordinals, "both", "several", "hours", "always"), none that name a place, a maker, a network,
 * a person or a kind of device or software, no abbreviations, nobody who could vouch for something ("manager", "helpdesk"),
 * and nothing that people do by speaking ("confirm", "agree", "ask"). What evidence says in words of its own (levels,
 * states, "passed", "compliant") is not here either: it must be cited, see `said-as.ts`. Nor is what would deny it ("new",
 * "unknown", "false", "error"), nor what could be said to ask or allow something ("policy").
 */

/** Word by word as they are written, a hyphenated one also by its parts. */
export const plainWords: ReadonlySet<string> = new Set(
  `a about above access account accounts action actions active activities activity actual additional address
   addresses affected affects after against alert alone already also although an and anomalies anomalous anomaly
   any anything apart apparent appear appeared appears applied applies apply are as at attack attacker attempt
   attempts authentication available bad be because been before behaviour being below beneath besides between
   beyond but by came can cannot careful case cause caused caution certain chance clean close closely closing
   code codes come comes coming common compared complete completed completes compromise compromised concern
   concerning conclusion conclusive condition conditions conflict conflicting conflicts connected connection
   consistent contain containing containment contains context continue contradict contradicting contradicts
   correspond could countries country covered covers credential credentials current damage danger dangerous data
   date described describes despite detail details detected detection detections device devices did difference
   differs direct directory do does doing done doubt doubtful due during earlier early effect either else end
   entries entry event events evidence exist existing exists fact factor factors facts feature features fit fits
   follow followed following follows for form from further gap gave general genuine give given gives giving good
   grounds had hand hands happen happened happens harm harmful harmless has have having hence here hold holds how
   however if in incident include included includes including incomplete inconclusive inconsistent indeed
   indicate indicates indication indications indicator indicators innocent instead into involve involved involves
   is it item items its itself just keep keeps kept kind kinds late later latest lead leads leave leaves
   legitimate less level levels likely list listed lists location locations log logged logs look looks made main
   make makes making malicious match matched matches matching matters mean means might mismatch model more
   multifactor must nature near necessary need needed needs network networks newer newest no normal not nothing
   now obvious occur occurred occurs of older oldest on only open opened option or order origin originate
   originated originates other otherwise outcome own owner path pattern patterns period place placed places plain
   plausible point points possible possibly precaution precede preceded precedes preceding presence present
   previous prior probable probably problem proceed property protect protected protection question questionable
   questions rate rates rather read real reason reasonable reasons recent recently record recorded records refer
   refers related relates release releasing relevant reliable remain remained remains rest result results risk
   risks risky role roles row rows safe safer same seem seemed seems separate sequence session sessions show
   shows sign sign-in sign-ins similar simulated since situation so source standing start started state status
   stay step steps still strength strict strong stronger strongest such suggest suggests summary sure surrounding
   suspicion suspicious system take taken takes taking that the then there therefore these this those though
   through thus ticket time to together toward towards trace type types uncertain uncertainty unclear under
   unless unlike unlikely unsafe until up usable use used user users uses using value values view was way weak
   weaker weakness weigh weighs were what when where whether which while who whose why window with within without
   worth would yet`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Words that are plain together only, and names of what the evidence comes from. As they are written. */
export const plainPhrases: readonly string[] = [
  'Entra ID',
  'IP address',
  'IP addresses',
  'Identity Protection',
  'Microsoft Entra',
  'at once',
  'at present',
  'before you approve',
  'do not approve',
  'less likely',
  'may also',
  'may be',
  'may come',
  'may have',
  'may indicate',
  'may mean',
  'may not',
  'may show',
  'more likely',
  'other than',
  'rather than',
  'signed in',
  'signing in',
  'so approve',
];

/** Of plain words, and yet what evidence says: only where it does. */
export const lentPhrases: readonly string[] = ['at risk', 'no risk', 'without risk'];

/** What evidence does, and people do by speaking: no plain word where a person does it. */
export const tellingWords: readonly string[] =
  `contradict contradicts describes gave give given gives giving indicate indicates list listed lists log logged
   mean means need needed needs point points rate rates read record recorded records refer refers show shows
   suggest suggests`.split(/\s+/);
