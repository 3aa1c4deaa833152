/*
 * Names in lower case. Sentences of this kind are written with few words, so what stands where a place, a maker or a
 * network would stand must be one of those words or in the evidence; the names below are looked for everywhere.
 */

/** The best-known cities, and the brands of networks and services, wherever they stand. Not complete, and cannot be. */
export const wellKnownNames: ReadonlySet<string> = new Set(
  `abuja accra amsterdam ankara antwerp athens atlanta auckland baghdad baku bangalore bangkok barcelona beijing beirut
   belgrade berlin birmingham bogota boston brussels bucharest budapest cairo caracas casablanca chennai chicago cologne
   copenhagen dakar dallas damascus delhi denver detroit dhaka doha dubai dublin dusseldorf edinburgh florence frankfurt
   geneva glasgow guangzhou hamburg hanoi havana helsinki houston hyderabad istanbul jakarta jeddah jerusalem
   johannesburg kabul karachi kharkiv kiev kinshasa kolkata kyiv kyoto lagos lahore leeds lille lima lisbon liverpool
   ljubljana london lyon madrid manchester manila marseille melbourne miami milan minsk montreal moscow mumbai munich
   nairobi naples osaka oslo palermo paris philadelphia porto prague pyongyang rabat reykjavik riga riyadh rome
   rotterdam santiago sarajevo seattle seoul seville shanghai shenzhen singapore skopje sofia stockholm stuttgart sydney
   taipei tallinn tbilisi tehran tirana tokyo toronto tunis turin utrecht valencia vancouver venice vienna vilnius
   warsaw wuhan yerevan zagreb zurich california florida texas europe european asia asian africa african
   adobe akamai aliexpress alibaba amazon apple asus aws bitdefender citrix cisco cloudflare comcast contabo cyberghost
   dell digitalocean dropbox duo expressvpn facebook fortinet gcp github gmail google hetzner hotmail hp huawei ibm icloud
   instagram kaspersky lenovo leaseweb linkedin linode lufthansa mullvad nokia nordvpn okta oracle orange outlook ovh
   paypal protonmail protonvpn salesforce sap slack sony starlink surfshark swisscom symantec telegram telekom telefonica
   tencent tesla tiktok twilio twitter verizon vodafone vultr whatsapp wireguard xfinity xiaomi yahoo yandex zoom zscaler`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Words that may stand between one of {@link placeWords} and the noun it belongs to. */
const between = `a an the this that these those its their his her any each every some other another such no same both
   known unknown new newest newer older oldest old recent prior previous earlier later current usual unusual normal
   familiar unfamiliar registered unregistered managed unmanaged compliant trusted untrusted foreign different distant
   successful failed interactive privileged risky open active eligible affected anonymous good bad single`;

/** Words that may stand where a place would. They name nothing. */
const ordinary = `about access account accounts action actions activity address addresses admin administrator after age
   agent alert all also and app application approval approver as atypical authentication authenticator authenticators
   bad be because before behaviour behavior being both browser but case category caution channel channels class client
   cloud compromise conditional conduct containment contact context control country credential credentials data date
   default detail details detection detections device devices directory doing doubt during effect either entra error
   escalation event events evidence fact facts factor factors family favour favor field fields first force full general
   geography group guest habit hand hands haste here history home identity immediate inbox incident indication
   information intent interactive interest isolation itself itinerary job journal keeping kind known later level line list
   location locations log login logs long machine mail manager means member membership method methods mfa mind mobile
   model month more multifactor nature necessary need network networks nobody none nor normal not nothing number object
   of off office on only operations operator or order organisation organization origin other others owner own part
   password passwordless past path pattern patterns people period person phase phishing phone place places plan platform
   policy portal position practice presence principle priority privilege privileges process profile progress proof
   property proxy purpose question questions range rank rating read reading readings reality reason reasons record
   records region registration regard release report request requests reset resets response responders result review
   risk risks role roles row rows rules same scope secops security self sequence service session sessions setting
   settings several short sign signal signals since site so someone somebody software source sources spite stage
   standing state status step steps strength subject succession such suspicion suspicious system systems tandem tenant
   term terms than that them then there they this those though thread threat ticket time times today token tokens too
   total touch traffic travel travelling trip trust turn type typical unless unlikely until us use user users usual
   value values view volume vpn way ways what when where whether which while who whom whose will window windows with
   within without word words work workstation you your yourself themselves himself herself it me one
   once is was are were has have had does did do can could may might must should would will from in by on at via using into
   through behind near inside across to for`;

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
const betweenWords = new Set(wordsOf(between));
const ordinaryWords = new Set(wordsOf(ordinary));
/** Endings of what is done or how, and hardly ever of a name. */
const ordinaryEnding = /^[a-z]{3,}(?:ing|ly|tion|tions|sion|ment|ments|ness)$/;
/** Before these stands no hyphen: "sign-in" is no "in". */
const placeWords =
  /(?<![\w-])(?:from|in|by|on|at|via|using|into|through|behind|near|inside|across|with)(?=\s)/gi;

/** Words that stand where the name of a place, a maker or a network would, and are not known to name nothing. */
export function placesIn(text: string): string[] {
  return Array.from(text.matchAll(placeWords)).flatMap(({ 0: written, index }) => {
    const [phrase = ''] = /^[A-Za-z0-9\s'-]*/.exec(text.slice(index + written.length)) ?? [];
    const [noun] = phrase
      .split(/[\s'-]+/)
      .filter((word) => word !== '' && !betweenWords.has(word.toLowerCase()) && !/^[a-z]+ed$/.test(word));
    if (noun === undefined || /^\d/.test(noun)) return [];
    const lower = noun.toLowerCase();
    return ordinaryWords.has(lower) || ordinaryEnding.test(lower) ? [] : [noun];
  });
}
