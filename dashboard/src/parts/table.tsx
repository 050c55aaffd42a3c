import type { ComponentChildren } from "preact";
import { Icon } from "./icon";
import "./table.css";

/** A column of a table over rows of one sort. */
export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand at the right, digits below digits. */
  readonly isNumber?: boolean;
  /** In the last line of the table: a total. */
  readonly foot?: ComponentChildren;
  readonly isSortable?: boolean;
}

/** By which column rows are in order, and which way. */
export interface Order {
  readonly key: string;
  readonly isDescending: boolean;
}

export interface TableProps<Row> {
  /** What the table has, for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly order?: Order;
  readonly onOrder?: (order: Order) => void;
  /** Scrolls by itself below its sticky head when it is long. */
  readonly isTall?: boolean;
}

/** Rows and columns with a sticky head; the first column names the row. */
export function Table<Row>(props: TableProps<Row>) {
  const { caption, columns, rows, keyOf, isTall = false } = props;
  const hasFoot = columns.some((column) => column.foot !== undefined);
  return (
    <section
      class={`table-frame ${isTall ? "table-frame-tall" : ""}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what overflows is scrolled by keyboard
      tabIndex={0}
      aria-label={caption}
    >
      <table class="table">
        <caption class="spoken">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} order={props.order} onOrder={props.onOrder} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>{columns.map((column, at) => cellOf(column, row, at))}</tr>
          ))}
        </tbody>
        {hasFoot && (
          <tfoot>
            <tr>
              {columns.map((column, at) =>
                at === 0 ? (
                  <th key={column.key} scope="row">
                    {column.foot}
                  </th>
                ) : (
                  <td key={column.key} class={alignment(column)}>
                    {column.foot}
                  </td>
                ),
              )}
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  );
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly order: Order | undefined;
  readonly onOrder: ((order: Order) => void) | undefined;
}

function Head<Row>({ column, order, onOrder }: HeadProps<Row>) {
  const isOrdered = order?.key === column.key;
  const isDescending = isOrdered && order.isDescending;
  const sorted = isOrdered ? (isDescending ? "descending" : "ascending") : undefined;
  return (
    <th scope="col" class={alignment(column)} aria-sort={sorted}>
      {column.isSortable && onOrder ? (
        <button
          type="button"
          class="table-sort"
          // Numbers are looked at from the largest on.
          onClick={() =>
            onOrder({
              key: column.key,
              isDescending: isOrdered ? !isDescending : (column.isNumber ?? false),
            })
          }
        >
          {column.title}
          {isOrdered && <Icon name={isDescending ? "down" : "up"} />}
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

function cellOf<Row>(column: Column<Row>, row: Row, at: number) {
  return at === 0 ? (
    <th key={column.key} scope="row">
      {column.cell(row)}
    </th>
  ) : (
    <td key={column.key} class={alignment(column)}>
      {column.cell(row)}
    </td>
  );
}

function alignment<Row>(column: Column<Row>): string | undefined {
  return column.isNumber ? "table-number" : undefined;
}
