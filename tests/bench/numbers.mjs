// Numbers as the report shows them: a median with its spread, rows of a table, and what was wanted of a number.
export const median = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const grouped = (value, digits) =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** "median (minimum–maximum)"; what could not be measured is NaN, what did not end is Infinity. */
export function spread(values, digits = 0) {
    if (values.length === 0 || values.some(Number.isNaN)) return 'not measured';
    const shown = [median(values), Math.min(...values), Math.max(...values)].map((value) => grouped(value, digits));
    return `${shown[0]} (${shown[1]}–${shown[2]})`;
}

export const mebi = (bytes) => bytes / 1048576;
export const row = (...cells) => `| ${cells.join(' | ')} |`;
export const table = (head, rows) => [row(...head), `|${'---|'.repeat(head.length)}`, ...rows].join('\n');

/** What the measurements are meant to show, judged by the median. */
export class Goals {
    rows = [];

    add(what, values, digits, wanted, isMet) {
        const isMeasured = values.length > 0 && !values.some(Number.isNaN);
        const verdict = !isMeasured ? '?' : isMet(median(values)) ? 'yes' : '**no**';
        this.rows.push(row(what, spread(values, digits), wanted, verdict));
    }

    atMost(what, values, digits, limit) {
        this.add(what, values, digits, `≤ ${limit}`, (value) => value <= limit);
    }

    atLeast(what, values, digits, limit) {
        this.add(what, values, digits, `≥ ${limit}`, (value) => value >= limit);
    }

    skip(what, wanted) {
        this.rows.push(row(what, 'skipped', wanted, '?'));
    }

    markdown() {
        return `## Wanted and measured\n\n${table(['what', 'measured', 'wanted', 'met'], this.rows)}\n`;
    }
}
