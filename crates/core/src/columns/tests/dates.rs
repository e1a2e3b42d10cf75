use super::*;
use arrow_array::{
    Date32Array, Date64Array, DictionaryArray, Float64Array, Int64Array, StringViewArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
    types,
};

fn dates() -> Plan {
    plan(vec![field("date", FieldKind::Date)])
}

fn with_source(change: impl FnOnce(&mut SourcePlan)) -> Plan {
    let mut plan = dates();
    change(&mut plan.sources[0]);
    plan
}

/// 2026-03-28T23:30:00Z: the night before the clocks change in Zurich.
const NIGHT: i64 = 1_774_740_600;

#[test]
fn every_unit_of_time_reads_alike_and_without_a_zone_is_never_shifted() {
    let plan = with_source(|source| source.zone = Some("Asia/Tokyo".to_owned()));
    let arrays: [ArrayRef; 4] = [
        Arc::new(TimestampSecondArray::from(vec![Some(NIGHT), None, Some(-1)])),
        Arc::new(TimestampMillisecondArray::from(vec![Some(NIGHT * 1_000), None, Some(-1)])),
        Arc::new(TimestampMicrosecondArray::from(vec![Some(NIGHT * 1_000_000), None, Some(-1)])),
        Arc::new(TimestampNanosecondArray::from(vec![Some(NIGHT * 1_000_000_000), None, Some(-1)])),
    ];
    for array in arrays {
        assert_eq!(cells(&plan, array), ["2026-03-28", "-", "1969-12-31"]);
    }
    let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(20_540), None]));
    assert_eq!(cells(&plan, days), ["2026-03-28", "-"]);
    let days: ArrayRef = Arc::new(Date64Array::from(vec![Some(20_540 * 86_400_000 + 1), Some(-1)]));
    assert_eq!(cells(&plan, days), ["2026-03-28", "1969-12-31"]);
}

#[test]
fn zoned_timestamps_go_to_the_sources_zone_else_their_own() {
    let zoned =
        |zone: &str| -> ArrayRef { Arc::new(TimestampSecondArray::from(vec![NIGHT]).with_timezone(zone)) };
    assert_eq!(cells(&dates(), zoned("UTC")), ["2026-03-28"]);
    assert_eq!(cells(&dates(), zoned("+01:00")), ["2026-03-29"]);
    assert_eq!(cells(&dates(), zoned("Europe/Zurich")), ["2026-03-29"]);
    let new_york = with_source(|source| source.zone = Some("America/New_York".to_owned()));
    assert_eq!(cells(&new_york, zoned("Europe/Zurich")), ["2026-03-28"]);
    assert_eq!(refused(&dates(), zoned("Mars/Olympus")), "unknown_zone");
}

#[test]
fn from_the_cut_off_on_it_is_the_next_day() {
    let plan = with_source(|source| source.cut_off = Some(17 * 3_600));
    let at = |hour: i64, second: i64| 20_540 * 86_400 + hour * 3_600 + second;
    let array: ArrayRef =
        Arc::new(TimestampSecondArray::from(vec![at(16, 3_599), at(17, 0), at(23, 0), at(0, 0)]));
    assert_eq!(cells(&plan, array), ["2026-03-28", "2026-03-29", "2026-03-29", "2026-03-28"]);
    let texts = ["2026-03-28", "2026-03-28T16:59:59.9", "2026-03-28 17:00", "2026-03-28T18:00:00Z"];
    assert_eq!(cells(&plan, utf8(&texts)), ["2026-03-28", "2026-03-28", "2026-03-29", "2026-03-29"]);
    let dates: ArrayRef = Arc::new(Date32Array::from(vec![20_540]));
    assert_eq!(cells(&plan, dates), ["2026-03-28"]);
}

#[test]
fn iso_text_with_an_offset_is_an_instant() {
    let given = [
        "2026-03-28T23:30:00Z",
        "2026-03-28T23:30:00+0000",
        "2026-03-28 23:30 +00:00",
        "2026-03-28T23:30:00-05",
    ];
    assert_eq!(cells(&dates(), utf8(&given)), ["2026-03-28"; 4]);
    let zurich = with_source(|source| source.zone = Some("Europe/Zurich".to_owned()));
    assert_eq!(cells(&zurich, utf8(&given)), ["2026-03-29"; 4]);
    assert_eq!(cells(&zurich, utf8(&["2026-03-28T23:30:00"])), ["2026-03-28"]);
}

#[test]
fn what_is_no_iso_date_is_unreadable() {
    let given = [
        "20260131",
        "2026-1-31",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-01-32",
        "31.01.2026",
        "2026-01-31T",
        "2026-01-31T25:00",
        "2026-01-31T10:00:00.",
        "2026-01-31T10:00 Europe/Zurich",
        "2026-01-31x",
        "0",
    ];
    assert!(cells(&dates(), utf8(&given)).iter().all(|cell| cell == "!"));
    let good = ["2024-02-29", " 2000-02-29 ", "", "0001-01-01"];
    assert_eq!(cells(&dates(), utf8(&good)), ["2024-02-29", "2000-02-29", "-", "0001-01-01"]);
}

#[test]
fn formats_of_the_column_win_over_those_of_the_source() {
    let plan = with_source(|source| source.read.dates = Some("%d.%m.%Y".to_owned()));
    let given = ["31.01.2026", "1.2.2026", "31.01.26", "30.02.2026", "2026-01-31"];
    assert_eq!(cells(&plan, utf8(&given)), ["2026-01-31", "2026-02-01", "!", "!", "!"]);
    let mut plan = plan;
    plan.fields[0].cells[0].as_mut().unwrap().dates = Some("%m/%d/%y %H:%M".to_owned());
    plan.sources[0].cut_off = Some(12 * 3_600);
    assert_eq!(cells(&plan, utf8(&["01/31/26 11:59", "01/31/26 12:00"])), ["2026-01-31", "2026-02-01"]);
}

#[test]
fn strftime_formats_with_names_offsets_and_zones() {
    let with = |format: &str| with_source(|source| source.read.dates = Some(format.to_owned()));
    assert_eq!(cells(&with("%d %b %Y"), utf8(&["31 Jan 2026"])), ["2026-01-31"]);
    assert_eq!(cells(&with("%Y%m%d"), utf8(&["20260131", "2026013"])), ["2026-01-31", "2026-01-03"]);
    let mut offset = with("%Y-%m-%d %H:%M %z");
    assert_eq!(cells(&offset, utf8(&["2026-03-28 23:30 +0000"])), ["2026-03-28"]);
    offset.sources[0].zone = Some("Europe/Zurich".to_owned());
    assert_eq!(cells(&offset, utf8(&["2026-03-28 23:30 +0000"])), ["2026-03-29"]);
    let mut named = with("%Y-%m-%d %H:%M %Q");
    named.sources[0].zone = Some("UTC".to_owned());
    assert_eq!(cells(&named, utf8(&["2026-03-29 00:30 Europe/Zurich"])), ["2026-03-28"]);
}

#[test]
fn other_layouts_and_extracts() {
    let views: ArrayRef = Arc::new(StringViewArray::from(vec![Some("2026-01-31"), None]));
    assert_eq!(cells(&dates(), views), ["2026-01-31", "-"]);
    let dictionary: DictionaryArray<types::UInt16Type> =
        vec![Some("2026-01-31"), None, Some("x")].into_iter().collect();
    assert_eq!(cells(&dates(), Arc::new(dictionary)), ["2026-01-31", "-", "!"]);
    let mut plan = dates();
    plan.fields[0].cells[0].as_mut().unwrap().extract = Some(r"on (\S+)".to_owned());
    assert_eq!(cells(&plan, utf8(&["paid on 2026-01-31", "never"])), ["2026-01-31", "-"]);
}

#[test]
fn dates_out_of_range_are_unreadable_and_other_types_refused() {
    let far: ArrayRef = Arc::new(TimestampSecondArray::from(vec![i64::MAX, i64::MIN, 0]));
    assert_eq!(cells(&dates(), far.clone()), ["!", "!", "1970-01-01"]);
    let far: ArrayRef =
        Arc::new(TimestampSecondArray::from(vec![i64::MAX, i64::MIN, 0]).with_timezone("Europe/Zurich"));
    assert_eq!(cells(&dates(), far), ["!", "!", "1970-01-01"]);
    assert_eq!(refused(&dates(), Arc::new(Int64Array::from(vec![20_260_131]))), "wrong_type");
    assert_eq!(refused(&dates(), Arc::new(Float64Array::from(vec![46_053.0]))), "wrong_type");
}
