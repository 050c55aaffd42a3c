import Big from "big.js";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { Swatch } from "../../charts/legend";
import { Card } from "../../parts/card";
import { Empty } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { type LabelOf, useLabels } from "../../parts/use-labels";
import { formatCount, formatQuantity, quantityLabel, unitOf } from "../../quantities/counts";
import { dimensionTitle } from "../../quantities/labels";
import { formatShare, shareOf } from "../../quantities/shares";
import { formatBucket } from "../../quantities/times";
import { WIDTH_WORDS } from "../../quantities/widths";
import { useServices } from "../../services";
import { AnswerTools } from "./answer-tools";
import { intoBar, intoGroup } from "./drill";
import { BUCKET, drawnGroups, type Line, sorted, type Used } from "./groups";
import type { GroupsChartProps } from "./groups-chart";
import { nameOf, OTHERS, shownQuantities, sortOf } from "./lines";
import { useWays } from "./section";
import { type Figures, figuresOf } from "./subject-figures";

/** The answer by group, or by bucket where it has no groups; each line is stepped into. */
export function GroupsTable(props: GroupsChartProps) {
  const { state, change, fields, inquiry, sums, grouped, currency } = props;
  const { colours } = useServices();
  const labelOf = useLabels();
  const ways = useWays(fields);
  const { subject, dimensions, counted, width, zone, span } = inquiry;
  const { measure } = counted;
  const figures = figuresOf(subject, currency);
  const order = sortOf(state.sort, inquiry, grouped);
  const lines = sorted(grouped.lines, dimensions, order, labelOf);
  const slots = useMemo(
    () =>
      new Map(
        drawnGroups(grouped, measure, dimensions, colours, () => "").map(({ id, slot }) => [
          id,
          slot,
        ]),
      ),
    [grouped],
  );
  const quantities = shownQuantities(inquiry, grouped);
  const hrefOf = (line: Line): string | null => {
    if (line.bucket) return ways.hrefOf(intoBar(state, line.bucket, span));
    const to = line.isOther ? null : intoGroup(state, dimensions, line.keys, span);
    return to && ways.hrefOf(to);
  };
  const total = grouped.totals[measure] ?? new Big(0);
  const titles = dimensions.map(dimensionTitle);
  const caption =
    titles.length === 0 ? `By ${WIDTH_WORDS[width]}` : `By ${titles.join(", ").toLowerCase()}`;
  const nameColumns: readonly Column<Line>[] =
    dimensions.length === 0
      ? [
          {
            key: BUCKET,
            title: "Time",
            isSortable: true,
            foot: counted.isStock ? "At most" : "Total",
            cell: (line) => (
              <Into href={hrefOf(line)}>
                {line.bucket && formatBucket(line.bucket.start, line.bucket.end, width, zone)}
              </Into>
            ),
          },
        ]
      : dimensions.map((dimension, at) => ({
          key: dimension,
          title: dimensionTitle(dimension),
          isSortable: true,
          foot: at === 0 ? (counted.isStock ? "At most" : "Total") : "",
          cell: (line) =>
            at === 0 ? (
              <span class="explore-name">
                <Swatch slot={slots.get(line.id) ?? "other"} />
                <Into href={hrefOf(line)}>
                  <Name {...{ line, dimension, at, labelOf }} />
                </Into>
              </span>
            ) : (
              <Name {...{ line, dimension, at, labelOf }} />
            ),
        }));
  const usedColumn: Column<Line> = {
    key: "used",
    title: "Quantity",
    isNumber: true,
    cell: ({ used }) => used && <UsedFigure used={used} />,
  };
  const columns = [
    ...nameColumns,
    ...numberColumns(quantities, grouped.totals, total, counted.isStock, figures),
    ...(lines.some(({ used }) => used !== null) ? [usedColumn] : []),
  ];
  const count = grouped.lines.length;
  return (
    <Card
      title={caption}
      note={titles.length > 0 && `${formatCount(count)} ${unitOf(count, "groups")}`}
      tools={<AnswerTools {...{ inquiry, sums, lines, quantities, currency, state, ways }} />}
    >
      {count === 0 || total.eq(0) ? (
        <Empty title="No lines" icon="filter" />
      ) : (
        <Table
          caption={caption}
          columns={columns}
          rows={lines}
          keyOf={(line) => line.id}
          order={order}
          onOrder={(sort) => change({ sort })}
          isTall
        />
      )}
    </Card>
  );
}

/** The columns of numbers: the one that is shown with its share, then the others. */
function numberColumns(
  quantities: readonly string[],
  totals: Readonly<Record<string, Big>>,
  total: Big,
  isStock: boolean,
  figures: Figures,
): readonly Column<Line>[] {
  const numbers = quantities.map(
    (name): Column<Line> => ({
      key: name,
      title: figures.title(name),
      isNumber: true,
      isSortable: true,
      foot: <Figure {...{ name, figures }} value={totals[name]} />,
      cell: (line) => <Figure {...{ name, figures }} value={line.sums[name]} />,
    }),
  );
  const [first, ...others] = numbers;
  const measure = quantities[0];
  if (!first || measure === undefined || isStock) return numbers;
  const share: Column<Line> = {
    key: "share",
    title: "Share",
    isNumber: true,
    cell: (line) => formatShare(shareOf(line.sums[measure] ?? new Big(0), total)),
  };
  return [first, share, ...others];
}

interface FigureProps {
  readonly name: string;
  readonly figures: Figures;
  readonly value: Big | undefined;
}

/** A number short enough to be read, and exact for whoever points at it. */
function Figure({ name, figures, value = new Big(0) }: FigureProps) {
  const exact = figures.exact(name, value);
  return (
    <span title={exact} data-exact={exact}>
      {figures.cell(name, value)}
    </span>
  );
}

/** How much of a line item there is, in its unit where it has one. */
function UsedFigure({ used: { quantity, unit } }: { readonly used: Used }) {
  const words = unit === null ? "" : quantityLabel(unit);
  return <span title={`${formatCount(quantity)} ${words}`}>{formatQuantity(quantity, words)}</span>;
}

interface NameProps {
  readonly line: Line;
  readonly dimension: string;
  readonly at: number;
  readonly labelOf: LabelOf;
}

function Name({ line, dimension, at, labelOf }: NameProps) {
  if (line.isOther) return <span class="quiet">{at === 0 ? OTHERS : ""}</span>;
  const key = line.keys[at] ?? null;
  const text = nameOf({ ...line, keys: [key] }, [dimension], labelOf);
  return (
    <span
      class={key === null ? "clipped quiet" : "clipped"}
      title={typeof key === "string" ? key : undefined}
    >
      {text}
    </span>
  );
}

/** A link that the whole line is; plain text where no step leads on. */
function Into({ href, children }: { href: string | null; children: ComponentChildren }) {
  if (href === null) return <span class="clipped">{children}</span>;
  return (
    <a class="line-link clipped" href={href}>
      {children}
    </a>
  );
}
