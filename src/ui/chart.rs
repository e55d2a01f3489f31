//! A small chart. It shows the run of figures at a glance; the figures themselves stand in a table
//! beside it, for those who do not see it and those who want to know exactly.

use leptos::prelude::*;

/// What one bar stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    pub whole: u32,
    /// So much of the whole is drawn hollow, at the top.
    pub hollow: u32,
}

/// The chart's own units: as high as this, and so wide a bar, of which the last part is the gap.
const HEIGHT: u64 = 600;
const STEP: usize = 10;
const BREADTH: usize = 8;

/// Bars side by side, in the order of time.
#[component]
pub fn BarChart(
    bars: Vec<Bar>,
    /// What the chart shows, in a sentence, for those who do not see it.
    #[prop(into)]
    label: String,
    /// What stands below the first bar and below the last.
    #[prop(into)]
    first: String,
    #[prop(into)] last: String,
    /// How to read the chart.
    #[prop(into)]
    legend: String,
) -> impl IntoView {
    let most = bars.iter().map(|bar| bar.whole).max().unwrap_or(0).max(1);
    let frame = format!("0 0 {} {HEIGHT}", bars.len() * STEP);
    let drawn = bars
        .into_iter()
        .enumerate()
        .map(|(at, bar)| {
            let left = at * STEP + (STEP - BREADTH) / 2;
            let (whole, hollow) = heights(bar, most);
            view! {
                <rect
                    class="chart__bar"
                    x=left.to_string()
                    y=(HEIGHT - whole + hollow).to_string()
                    width=BREADTH.to_string()
                    height=(whole - hollow).to_string()
                ></rect>
                <rect
                    class="chart__hollow"
                    x=left.to_string()
                    y=(HEIGHT - whole).to_string()
                    width=BREADTH.to_string()
                    height=hollow.to_string()
                ></rect>
            }
        })
        .collect_view();
    view! {
        <figure class="chart">
            <svg class="chart__bars" viewBox=frame preserveAspectRatio="none" role="img" aria-label=label>
                {drawn}
            </svg>
            <div class="chart__axis" aria-hidden="true">
                <span>{first}</span>
                <span>{last}</span>
            </div>
            <figcaption class="muted">{legend}</figcaption>
        </figure>
    }
}

/// How high a bar is and how much of it is hollow, where `most` is as high as the chart.
fn heights(bar: Bar, most: u32) -> (u64, u64) {
    let scaled = |value: u32| u64::from(value) * HEIGHT / u64::from(most);
    (scaled(bar.whole), scaled(bar.hollow.min(bar.whole)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_the_chart_and_never_leave_it() {
        assert_eq!(heights(Bar { whole: 8, hollow: 2 }, 8), (600, 150));
        assert_eq!(heights(Bar { whole: 0, hollow: 0 }, 8), (0, 0));
        assert_eq!(heights(Bar { whole: 2, hollow: 5 }, 4), (300, 300), "no more than there is");
        assert_eq!(heights(Bar { whole: u32::MAX, hollow: 0 }, u32::MAX), (600, 0));
    }
}
