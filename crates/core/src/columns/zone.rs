//! Time zones: from instants to local seconds, with the bundled rules only, so that every machine agrees.

use crate::error::{DataError, Result};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

/// A zone with its offsets laid out for years in which data lies.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    rules: TimeZone,
    /// Where each offset begins, in seconds since 1970, ascending; the first stands for [`TABLE_FROM`].
    starts: Vec<i64>,
    /// Seconds east of UTC from there on.
    offsets: Vec<i64>,
}

/// 1900-01-01 and 2100-01-01: instants between are looked up in a table, others asked of the zone one by one.
const TABLE_FROM: i64 = -2_208_988_800;
const TABLE_TO: i64 = 4_102_444_800;

impl Zone {
    /// A zone by IANA name or as `+01:00`.
    ///
    /// # Errors
    /// `unknown_zone`.
    pub(super) fn new(name: &str, source: &str, field: &str) -> Result<Self> {
        let found = match parse_offset(name.as_bytes()) {
            Some((seconds, [])) => Offset::from_seconds(seconds).ok().map(TimeZone::fixed),
            _ => TimeZoneDatabase::bundled().get(name).ok(),
        };
        let zone = found.ok_or_else(|| {
            let problem = format!("the time zone \"{name}\" is not known");
            DataError::new("unknown_zone", source, problem, "Give an IANA name such as \"Europe/Zurich\"")
                .field(field)
        })?;
        Ok(Self::of(zone))
    }

    fn of(zone: TimeZone) -> Self {
        let (mut starts, mut offsets) = (Vec::new(), Vec::new());
        if let Ok(from) = Timestamp::from_second(TABLE_FROM) {
            starts.push(TABLE_FROM);
            offsets.push(i64::from(zone.to_offset(from).seconds()));
            let following = zone.following(from).take_while(|next| next.timestamp().as_second() < TABLE_TO);
            for next in following {
                starts.push(next.timestamp().as_second());
                offsets.push(i64::from(next.offset().seconds()));
            }
        }
        Self { rules: zone, starts, offsets }
    }

    /// The one offset the zone ever has.
    pub(super) fn fixed(&self) -> Option<i64> {
        self.rules.to_fixed_offset().ok().map(|offset| i64::from(offset.seconds()))
    }

    /// Seconds east of UTC at an instant, `None` outside the calendar. `last` remembers the place in the table:
    /// neighbours mostly share it.
    #[inline]
    pub(super) fn offset(&self, second: i64, last: &mut usize) -> Option<i64> {
        if !(TABLE_FROM..TABLE_TO).contains(&second) {
            let instant = Timestamp::from_second(second).ok()?;
            return Some(i64::from(self.rules.to_offset(instant).seconds()));
        }
        let holds = |at: usize| {
            self.starts.get(at).is_some_and(|start| *start <= second)
                && self.starts.get(at + 1).is_none_or(|next| second < *next)
        };
        if !holds(*last) {
            *last = self.starts.partition_point(|start| *start <= second).saturating_sub(1);
        }
        self.offsets.get(*last).copied()
    }
}

/// `Z`, `+01`, `+0100`, `+01:00`, in seconds east of UTC, and what is left of the text.
pub(super) fn parse_offset(text: &[u8]) -> Option<(i32, &[u8])> {
    let (sign, rest) = match text {
        [b'Z' | b'z', rest @ ..] => return Some((0, rest)),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = two_digits(rest)?;
    let (minutes, rest) = match rest {
        [b':', after @ ..] => two_digits(after)?,
        [b'0'..=b'9', ..] => two_digits(rest)?,
        _ => (0, rest),
    };
    let in_range = hours <= 23 && minutes <= 59;
    in_range.then_some((sign * (i32::from(hours) * 3_600 + i32::from(minutes) * 60), rest))
}

/// Two digits and what is left.
pub(super) fn two_digits(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => {
            Some(((tens - b'0') * 10 + (ones - b'0'), rest))
        }
        _ => None,
    }
}
