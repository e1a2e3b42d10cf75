//! Seconds and bytes of a piece of work. The only place of the repository that looks at a clock or at `/proc`.

use std::time::Instant;

/// What a piece of work took.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Seconds of processors that all threads took: what holds where the machine is shared. 0 where the system doesn't
    /// tell.
    pub cpu_seconds: f64,
    /// The most memory the process held during the work beyond what it held before, in bytes. 0 where the system
    /// doesn't tell (`/proc/self` of Linux does).
    pub peak_bytes: u64,
}

/// Does `work` and measures it.
#[expect(clippy::disallowed_methods, reason = "measuring is what this crate is for; no result depends on it")]
#[expect(clippy::cast_precision_loss, reason = "ticks of a measurement are far below 2^53")]
pub fn measure<T>(work: impl FnOnce() -> T) -> (T, Measured) {
    // Writing 5 resets the high-water mark of the resident memory.
    let reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = status("VmRSS:");
    let (start, ticks) = (Instant::now(), cpu_ticks());
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    let cpu_seconds = cpu_ticks().saturating_sub(ticks) as f64 / TICKS_PER_SECOND;
    let peak_bytes = if reset { status("VmHWM:").saturating_sub(before) } else { 0 };
    (result, Measured { seconds, cpu_seconds, peak_bytes })
}

/// What Linux counts processor time in, whatever its kernel's clock.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time of this process, in user and system mode.
fn cpu_ticks() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program stands in parentheses and may hold anything.
    let figures = text.rsplit_once(") ").map_or("", |(_, figures)| figures);
    let ticks = figures.split_whitespace().skip(11).take(2);
    ticks.filter_map(|figure| figure.parse::<u64>().ok()).sum()
}

/// A figure of `/proc/self/status`, in bytes.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    let kilobytes =
        line.and_then(|line| line.split_whitespace().nth(1)).and_then(|figure| figure.parse().ok());
    kilobytes.unwrap_or(0_u64) * 1024
}
