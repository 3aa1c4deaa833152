/* global AdaptiveCards */
/** Colours and sizes of a light Teams; the rest is the renderer's default. */
const colours = { default: '#242424', subtle: '#616161' };
const foreground = {
  default: colours,
  accent: { default: '#5b5fc7', subtle: '#5b5fc7' },
  good: { default: '#0e700e', subtle: '#0e700e' },
  warning: { default: '#8a5a00', subtle: '#8a5a00' },
  attention: { default: '#b10e1c', subtle: '#b10e1c' },
  dark: colours,
  light: colours,
};
const style = (backgroundColor) => ({ backgroundColor, foregroundColors: foreground });
const hostConfig = new AdaptiveCards.HostConfig({
  fontFamily: '"Segoe UI", system-ui, sans-serif',
  fontSizes: { small: 12, default: 14, medium: 17, large: 20, extraLarge: 24 },
  fontWeights: { lighter: 300, default: 400, bolder: 600 },
  lineHeights: { small: 16, default: 20, medium: 24, large: 28, extraLarge: 32 },
  spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 16 },
  separator: { lineThickness: 1, lineColor: '#e6e6e6' },
  containerStyles: { default: style('#ffffff'), emphasis: style('#f5f5f5') },
  actions: {
    maxActions: 6,
    buttonSpacing: 8,
    actionsOrientation: 'horizontal',
    actionAlignment: 'left',
    showCard: { actionMode: 'inline', inlineTopMargin: 12 },
    spacing: 'medium',
  },
  inputs: { label: { requiredInputs: { weight: 'bolder' }, optionalInputs: { weight: 'bolder' } } },
});

/**
 * Draws a card. Markdown is left as it is written: the renderer needs a Markdown library for it and none is installed.
 * Teams would format it in a TextBlock, which is why Sallyport's cards hold outside text in TextRuns only.
 *
 * @param send called with the verb and data of an `Action.Execute`, the inputs merged into the data as Teams does
 */
export function renderCard(payload, send) {
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = hostConfig;
  card.parse(payload);
  card.onExecuteAction = (action) => {
    if (action instanceof AdaptiveCards.ExecuteAction) void send(action.verb, action.data ?? {});
    else if (action instanceof AdaptiveCards.OpenUrlAction) window.open(action.url, '_blank', 'noopener');
  };
  return card.render() ?? document.createTextNode('This card cannot be shown.');
}
