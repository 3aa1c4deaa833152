/** What a terminal or a page of a CI log shows without wrapping. */
export const pageWidth = 100;

/** The text in lines of at most `width` letters, broken between words; a longer word stands alone. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A paragraph of the page: the first line is indented by `indent`, the others by two more. */
export const paragraph = (text: string, indent = ''): string =>
  indent + wrapped(text, pageWidth - indent.length - 2).join(`\n${indent}  `);

/**
 * Rows as aligned columns, two spaces apart; the last column is not padded. A cell that is longer than the width given
 * for its column goes on below.
 */
export function textTable(
  rows: readonly (readonly string[])[],
  maxWidths: readonly (number | undefined)[] = [],
): string[] {
  const cells = rows.map((row) => row.map((cell, column) => wrapped(cell, maxWidths[column] ?? Infinity)));
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...cells.flatMap((row) => (row[column] ?? []).map((line) => line.length))),
  );
  return cells.map((row) =>
    Array.from({ length: Math.max(...row.map((lines) => lines.length)) }, (_none, at) =>
      row
        .map((lines, column) =>
          column === row.length - 1 ? (lines[at] ?? '') : (lines[at] ?? '').padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    ).join('\n'),
  );
}
