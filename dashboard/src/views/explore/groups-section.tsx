import { useMemo } from "preact/hooks";
import { CURRENCY, chosenCurrency, currenciesOf, inCurrency } from "../../logic/currencies";
import { Awaiting } from "../../parts/awaiting";
import { Button } from "../../parts/button";
import { FilterChips } from "../../parts/filter-chips";
import { Icon } from "../../parts/icon";
import { RangePicker } from "../../parts/range-picker";
import { Select } from "../../parts/select";
import { SkeletonBlock } from "../../parts/states";
import { useAnswer } from "../../parts/use-answer";
import { ZonePicker } from "../../parts/zone-picker";
import { useServices } from "../../services";
import { ViewHead } from "../../shell/view-head";
import { COSTS } from "../../wire/tables";
import { type Sums, sumsOf } from "../../wire/usage";
import { Crumbs } from "./crumbs";
import { toEvents } from "./drill";
import { groupedBy } from "./groups";
import { GroupsChart } from "./groups-chart";
import { GroupsTable } from "./groups-table";
import { type Inquiry, inquiryOf } from "./inquiry";
import { shownQuantities } from "./lines";
import { type SectionProps, useWays } from "./section";
import { askedOf, type Exploration } from "./state";
import { Toolbar } from "./toolbar";

const ADVICE = "Ask for a shorter range, wider buckets, fewer groups, or more filters.";
/** So many columns, without the share, have room beside the chart on a small screen. */
const COLUMNS_MAX = 2;
const NOTHING: Sums = { buckets: [], unpricedEvents: null };

/** Usage or costs by group and over time: a chart and a table of one answer. */
export function GroupsSection({ state, change, now, fields }: SectionProps) {
  const { wire, zone: ownZone } = useServices();
  const ways = useWays(fields);
  const asked = askedOf(state);
  const inquiry = useMemo(() => inquiryOf(state, now), [asked, now]);
  const answer = useAnswer(asked, async (signal) => ({
    // The answer is read by what it was asked, also while the next one is on its way.
    inquiry,
    sums: await sumsOf(wire, inquiry.query, signal),
  }));
  const currencies = useMemo(() => currenciesOf(answer.value?.sums ?? NOTHING), [answer.value]);
  const currency = chosenCurrency(currencies, state.where);
  const reset = (part: Partial<Exploration>): void => change({ ...part, pages: [] });
  return (
    <>
      <ViewHead
        title="Explore"
        tools={
          <>
            <ZonePicker zone={state.zone} ownZone={ownZone} onChange={(zone) => reset({ zone })} />
            <RangePicker
              range={state.range}
              zone={state.zone}
              now={now}
              onChange={(range) => reset({ range })}
            />
          </>
        }
      />
      <Toolbar {...{ state, inquiry, currency }} change={reset}>
        {currencies.length > 1 && (
          <Select
            label="Currency"
            options={currencies.map((value) => ({ value, label: value.toUpperCase() }))}
            value={currency}
            onChange={(chosen) => reset({ where: new Map([...state.where, [CURRENCY, [chosen]]]) })}
          />
        )}
        <Button onClick={() => ways.go(toEvents(state, inquiry.span))}>
          Events
          <Icon name="right" />
        </Button>
      </Toolbar>
      <Crumbs {...{ state, ways, now }} isAtEvents={false} />
      <FilterChips filters={inquiry.filters} onChange={(where) => reset({ where })} />
      <Awaiting
        answer={answer}
        label="Loading the answer"
        advice={answer.fault?.kind === "slow" ? ADVICE : undefined}
        skeleton={
          <div class="explore-answer">
            <SkeletonBlock label="Loading the chart" />
            <SkeletonBlock label="Loading the table" />
          </div>
        }
      >
        {(value) => <Answer {...{ state, change, now, fields, currency }} {...value} />}
      </Awaiting>
    </>
  );
}

interface AnswerProps extends SectionProps {
  readonly inquiry: Inquiry;
  readonly sums: Sums;
  readonly currency: string;
}

function Answer(props: AnswerProps) {
  const { inquiry, sums, currency } = props;
  const grouped = useMemo(() => {
    const shown = inquiry.subject.name === COSTS ? inCurrency(sums, currency) : sums;
    return groupedBy(shown, inquiry.counted, inquiry.dimensions.length > 0);
  }, [sums, inquiry, currency]);
  // Side by side, many columns would have to be scrolled to.
  const columns =
    inquiry.dimensions.length +
    shownQuantities(inquiry, grouped).length +
    Number(grouped.lines.some(({ used }) => used !== null));
  return (
    <div class={`explore-answer ${columns > COLUMNS_MAX ? "explore-answer-wide" : ""}`}>
      <GroupsChart {...props} grouped={grouped} />
      <div class="explore-table">
        <GroupsTable {...props} grouped={grouped} />
      </div>
    </div>
  );
}
