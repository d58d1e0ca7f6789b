"""Pages as people use them, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.support.browsing import post_form, sign_in
from tests.support.pages import PASSWORD, Pages, study

pytestmark = pytest.mark.slow

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "run scripts/system.sh browser"
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def tab(browser: Browser, pages: Pages) -> Iterator[Page]:
    """A tab that notes every complaint and every request that leaves this machine."""
    context = browser.new_context(base_url=pages.url, reduced_motion="reduce", color_scheme="light")
    context.add_cookies(
        [{"name": name, "value": value, "url": pages.url} for name, value in pages.admin.cookies.items()]
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(pages.url) else faults.append(asked.url))
    yield page
    context.close()
    assert faults == []


def step_in(tab: Page, pages: Pages, role: str) -> None:
    """Let somebody else sit at the tab."""
    with closing(sign_in(pages.url, role, PASSWORD)) as http:
        tab.context.add_cookies(
            [{"name": name, "value": value, "url": pages.url} for name, value in http.cookies.items()]
        )


def unfold(tab: Page) -> None:
    """Open every part of a long page."""
    tab.evaluate(
        "document.querySelectorAll('[data-fold][aria-expanded=false]').forEach((each) => each.click())"
    )


def drawn(tab: Page) -> None:
    unfold(tab)
    expect(tab.locator("[data-option]:not([data-drawn])")).to_have_count(0)


def test_every_chart_is_drawn(tab: Page, pages: Pages) -> None:
    for path in ("/", pages.course, pages.video, pages.student):
        tab.goto(path)
        drawn(tab)
        assert tab.locator("[data-option] canvas").count() == tab.locator("[data-option]").count() > 0, path


def test_nothing_is_wider_than_a_phone(tab: Page, pages: Pages) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    for path in pages.all:
        tab.goto(path)
        drawn(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.long
def test_a_long_list_is_short_on_a_phone_until_somebody_wants_all_of_it(tab: Page, pages: Pages) -> None:
    tab.goto(pages.course)
    rows = tab.locator("#card-course_students tbody tr")
    assert [row.is_visible() for row in rows.all()] == [True] * 10
    tab.set_viewport_size({"width": 390, "height": 844})
    expect(rows.first).to_be_hidden()
    unfold(tab)
    assert [row.is_visible() for row in rows.all()] == [True] * 3 + [False] * 7
    tab.get_by_label("Show all 10 rows").first.check()
    assert [row.is_visible() for row in rows.all()] == [True] * 10


@pytest.mark.long
def test_the_parts_of_a_course_are_folded_on_a_phone_and_links_open_them(tab: Page, pages: Pages) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(pages.course)
    lessons, learners = tab.locator("#card-course_lessons"), tab.locator("#card-course_students")
    expect(tab.locator("#card-course_headline")).to_be_visible()
    expect(learners).to_be_hidden()
    assert tab.evaluate("document.body.scrollHeight") < 5000
    tab.get_by_role("navigation", name="Parts of this page").get_by_role("link", name="Lessons").click()
    expect(lessons.locator("canvas").first).to_be_visible()
    expect(learners).to_be_hidden()
    tab.get_by_role("button", name="Lessons and videos").click()
    expect(lessons).to_be_hidden()
    # As a link from elsewhere does, such as that of the next page of a list.
    tab.goto(f"{pages.course}?card=course_students&page=1#card-course_students")
    expect(learners).to_be_in_viewport()
    tab.emulate_media(media="print")
    for card in (lessons, learners):
        expect(card).to_be_visible()


@pytest.mark.long
def test_other_pages_fit_a_phone_too(tab: Page, pages: Pages) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    student = pages.student.rpartition("/")[2]
    post_form(pages.admin, "/break-glass", do="open", student=student, reason=f"a long word: {'x' * 200}")
    post_form(pages.admin, "/admin/keys", do="add", name="a-key-with-a-rather-long-name", scopes="read")
    hook = {
        "name": "a webhook with a rather long name",
        "kind": "plain",
        "url": f"https://{'x' * 60}.example/",
    }
    post_form(pages.admin, "/webhooks", do="add", course_id="", **hook)
    screens = (
        "/break-glass",
        pages.student,
        "/",
        "/admin/keys",
        "/admin/users",
        "/notifications",
        "/webhooks",
    )
    for path in screens:
        tab.goto(path)
        drawn(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, path
    step_in(tab, pages, "instructor")
    tab.goto("/")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    step_in(tab, pages, "student")
    for path in ("/privacy", "/privacy/accesses"):
        tab.goto(path)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_a_record_is_opened_with_the_keyboard(tab: Page, pages: Pages) -> None:
    step_in(tab, pages, "instructor")
    tab.goto("/break-glass")
    tab.focus("#glass-student")
    tab.keyboard.type(pages.student.rpartition("/")[2])
    tab.keyboard.press("Tab")
    tab.keyboard.type("too short")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab.locator("#glass-reason")).to_be_focused()
    tab.keyboard.type(", and now long enough")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**{pages.student}")
    expect(tab.locator("#break-glass")).to_contain_text("too short, and now long enough")


def test_keyboard_reaches_every_control(tab: Page, pages: Pages) -> None:
    tab.goto(pages.course)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    wanted = {"days-7", "days-90", "sort-course_students-score_pct", "next-course_students"}
    reached = set()
    for _ in range(600):
        tab.keyboard.press("Tab")
        reached.add(tab.evaluate("document.activeElement.id"))
        if wanted <= reached:
            return
    assert wanted <= reached


def test_period_switch_keeps_page_and_focus(tab: Page, pages: Pages) -> None:
    tab.goto(pages.course)
    tab.focus("#days-7")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/*?days=7")
    tab.wait_for_selector("#days-7[aria-current]")
    drawn(tab)
    expect(tab.locator("#days-7")).to_be_focused()
    expect(tab.locator("[id^=card-course_headline]")).to_contain_text("Nothing to compare with yet")


def test_sort_and_page_change_the_list_in_place(tab: Page, pages: Pages) -> None:
    tab.goto(pages.course)
    tab.click("#sort-course_students-score_pct")
    tab.wait_for_selector("#card-course_students th[aria-sort=descending] #sort-course_students-score_pct")
    tab.click("#next-course_students")
    tab.wait_for_selector("text=11–20 of 30")


def test_learners_are_found_while_one_types_and_back_brings_everyone_again(tab: Page, pages: Pages) -> None:
    tab.goto(pages.course)
    tab.wait_for_selector("#card-course_students")
    tab.focus("#search-course_students")
    tab.keyboard.type("lea lear")
    expect(tab.locator("#card-course_students [data-announce]")).to_have_text("1 learner fits.")
    expect(tab.locator("#announcement")).to_have_text("1 learner fits.")
    expect(tab.locator("#search-course_students")).to_be_focused()
    expect(tab).to_have_url(re.compile(r"search=lea\+lear"))
    tab.reload()
    expect(tab.locator("#card-course_students tbody tr")).to_have_count(1)
    tab.click("#whole-course_students")
    expect(tab.locator("#card-course_students tbody tr")).to_have_count(10)


@pytest.mark.long
def test_on_a_phone_each_learner_is_a_block_and_nothing_is_cut(tab: Page, pages: Pages) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    step_in(tab, pages, "instructor")
    for path in ("/", pages.course):
        tab.goto(path)
        unfold(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        for table in tab.locator("table.stacked").all():
            assert table.evaluate("each => each.getBoundingClientRect().right") <= 390
    tab.select_option("#order-course_students", "name")
    expect(tab).to_have_url(re.compile("sort=name"))
    # Those without a name come first.
    expect(tab.locator("#card-course_students tbody th").first).to_contain_text("Student ")


def test_table_twin_opens_and_survives_a_refresh(tab: Page, pages: Pages) -> None:
    tab.goto(pages.course)
    drawn(tab)
    tab.click("#twin-course_lessons summary")
    with tab.expect_response(lambda answer: "/cards/course_lessons" in answer.url):
        tab.evaluate("document.getElementById('card-course_lessons').setAttribute('hx-headers', '{}')")
        tab.evaluate("htmx.trigger('#card-course_lessons', 'refresh')")
    tab.wait_for_selector("#card-course_lessons:not(.htmx-request) #twin-course_lessons[open]")
    expect(tab.locator("#chart-course_lessons canvas")).to_have_count(1)


def test_a_chart_is_read_with_the_keyboard(tab: Page, pages: Pages) -> None:
    tab.goto(pages.course)
    drawn(tab)
    chart, told = tab.locator("#chart-course_risk"), tab.locator("#told-course_risk")
    expect(chart).to_have_attribute(
        "aria-label", re.compile(r"^Who may need a hand\. \d+ of 30 are struggling")
    )
    chart.focus()
    tab.keyboard.press("ArrowRight")
    first = told.inner_text()
    tab.keyboard.press("ArrowRight")
    assert "Engagement" in first
    assert told.inner_text() != first
    tab.keyboard.press("Home")
    assert told.inner_text() == first
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/students/*")


def test_what_is_being_read_survives_a_refresh(tab: Page, pages: Pages) -> None:
    tab.goto(pages.course)
    drawn(tab)
    tab.focus("#chart-course_daily")
    tab.keyboard.press("End")
    shown = "!!echarts.getInstanceByDom(document.getElementById('chart-course_daily')).getZr().storage"
    shown += ".getDisplayList(true).some((each) => /not over yet/.test(each.style?.text ?? ''))"
    tab.wait_for_function(shown)
    tab.evaluate("drawAgain(); drawChart(document.getElementById('chart-course_daily'))")
    tab.wait_for_function(shown)


@pytest.mark.long
def test_the_first_tap_on_a_point_shows_it_and_the_second_follows(browser: Browser, pages: Pages) -> None:
    context = browser.new_context(base_url=pages.url, reduced_motion="reduce", has_touch=True)
    context.add_cookies(
        [{"name": name, "value": value, "url": pages.url} for name, value in pages.admin.cookies.items()]
    )
    phone = context.new_page()
    phone.goto(pages.course)
    drawn(phone)
    holder = phone.locator("#chart-course_risk")
    holder.scroll_into_view_if_needed()
    place = phone.evaluate(
        """() => {
            const chart = echarts.getInstanceByDom(document.getElementById("chart-course_risk"));
            const point = pointsOf(chart)[0];
            return chart.convertToPixel({ seriesIndex: point.seriesIndex }, point.data.value);
        }"""
    )
    holder.tap(position={"x": place[0], "y": place[1]})
    phone.wait_for_timeout(300)
    assert phone.url.endswith(pages.course)
    holder.tap(position={"x": place[0], "y": place[1]})
    phone.wait_for_url("**/students/*")
    context.close()


@pytest.mark.long
def test_tables_of_cards_fit_a_phone_with_every_column(tab: Page, pages: Pages) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(pages.course)
    drawn(tab)
    wide = "[...document.querySelectorAll('.card .scroll')].filter((each) => each.scrollWidth > each.clientWidth + 1)"
    assert tab.evaluate(f"{wide}.length") == 0
    row = tab.locator("#card-course_students tbody tr").first
    expect(row.locator("td[data-label]").last).to_be_visible()
    tab.click("#sort-course_students-score_pct")
    tab.wait_for_selector("#card-course_students th[aria-sort] #sort-course_students-score_pct")


def test_without_scripts_a_table_stands_where_a_chart_would_be(browser: Browser, pages: Pages) -> None:
    context = browser.new_context(base_url=pages.url, java_script_enabled=False)
    context.add_cookies(
        [{"name": name, "value": value, "url": pages.url} for name, value in pages.admin.cookies.items()]
    )
    page = context.new_page()
    page.goto(pages.course)
    expect(page.locator("#chart-course_lessons")).to_be_hidden()
    expect(page.locator("#twin-course_lessons td").first).to_be_visible()
    context.close()


@pytest.mark.long
def test_paper_is_white_says_its_days_and_no_chart_runs_off_it(tab: Page, pages: Pages) -> None:
    tab.emulate_media(color_scheme="dark")
    tab.goto(pages.course)
    drawn(tab)
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print", color_scheme="dark")
    tab.set_viewport_size({"width": 700, "height": 900})
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(tab.locator(".print-only")).to_contain_text("Last 28 days:")
    expect(tab.locator(".bar")).to_be_hidden()
    edges = (
        "[...document.querySelectorAll('.chart canvas')].map((each) => each.getBoundingClientRect().right)"
    )
    assert max(tab.evaluate(edges)) <= 700
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    tab.emulate_media(media="screen", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"


@pytest.mark.long
def test_an_axis_of_positions_has_round_labels_however_close_one_looks(tab: Page, pages: Pages) -> None:
    tab.goto(pages.video)
    drawn(tab)
    axis = "echarts.getInstanceByDom(document.getElementById('chart-video_dropoff')).getOption().xAxis[0]"
    assert tab.evaluate(f"[{axis}.interval, {axis}.axisLabel.formatter(240)]") == [30, "4:00"]
    tab.evaluate(
        "echarts.getInstanceByDom(document.getElementById('chart-video_dropoff'))"
        ".dispatchAction({type: 'dataZoom', startValue: 60, endValue: 120})"
    )
    tab.wait_for_function(f"{axis}.interval === 10")


def test_theme_is_remembered(tab: Page) -> None:
    tab.goto("/")
    before = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.click("[data-theme-toggle]")
    after = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.reload()
    assert before != after == tab.evaluate("getComputedStyle(document.body).backgroundColor")


def test_new_events_reach_an_open_page(tab: Page, pages: Pages) -> None:
    pages.sender.agree("pages-first", "pages-second")
    pages.sender.send(*study("pages-first", 0, "pages-live"))
    pages.sender.settle()
    tab.goto("/courses/pages-live")
    tab.wait_for_selector("[data-live=on]")
    learners = tab.locator("[id^=card-course_headline] .figure:first-child .value")
    expect(learners).to_have_text("1")
    pages.sender.send(*study("pages-second", 1, "pages-live"))
    expect(learners).to_have_text("2", timeout=30_000)


def test_what_is_applied_while_a_page_is_on_its_way_reaches_it(tab: Page, pages: Pages) -> None:
    """Also when it is older than what the page shows, so that nothing but its number says that it came."""
    pages.sender.agree("pages-early", "pages-late")
    pages.sender.send(*study("pages-early", 0, "pages-way"))
    pages.sender.settle()

    def hold_up(route: Route) -> None:
        pages.sender.send(*study("pages-late", 1, "pages-way"))
        pages.sender.settle()
        route.continue_()

    tab.route("**/live/changes?*", hold_up, times=1)
    tab.goto("/courses/pages-way")
    learners = tab.locator("[id^=card-course_headline] .figure:first-child .value")
    expect(learners).to_have_text("2", timeout=30_000)


def test_a_page_whose_streams_fail_asks_by_itself_until_they_work_again(tab: Page, pages: Pages) -> None:
    tab.clock.install()
    tab.route("**/live/changes?*", lambda route: route.fulfill(content_type="text/event-stream", body=""))
    tab.goto(pages.course)
    tab.wait_for_selector("[data-live=off]")
    with tab.expect_response(lambda answer: "/cards/course_headline" in answer.url):
        for _ in range(20):
            tab.clock.run_for(1000)
            tab.wait_for_timeout(50)
    tab.unroute("**/live/changes?*")
    tab.clock.fast_forward(60_000)
    tab.wait_for_selector("[data-live=on]")


def test_a_page_that_was_out_of_sight_hears_what_it_missed(tab: Page, pages: Pages) -> None:
    pages.sender.agree("pages-seen", "pages-unseen")
    pages.sender.send(*study("pages-seen", 0, "pages-sight"))
    pages.sender.settle()
    tab.clock.install()
    tab.goto("/courses/pages-sight")
    tab.wait_for_selector("[data-live=on]")
    look_away = "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true}); "
    tab.evaluate(look_away + "document.dispatchEvent(new Event('visibilitychange')); }", True)
    tab.clock.run_for(20_000)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    pages.sender.send(*study("pages-unseen", 1, "pages-sight"))
    pages.sender.settle()
    tab.clock.run_for(20_000)
    assert asked == []
    tab.evaluate(look_away + "document.dispatchEvent(new Event('visibilitychange')); }", False)
    tab.wait_for_selector("[data-live=on]")
    learners = tab.locator("[id^=card-course_headline] .figure:first-child .value")
    for _ in range(50):
        tab.clock.run_for(200)
        if learners.inner_text() == "2":
            break
        tab.wait_for_timeout(100)
    expect(learners).to_have_text("2")


def fail_quiz(pages: Pages, student: str, quiz: str, *scores: float) -> None:
    """A student hands in a quiz, once per score."""
    events = [study(student, 0)[-1] | {"event_id": f"{quiz}-{student}-{uuid4()}"} for _ in scores]
    for event, score in zip(events, scores, strict=True):
        event["timestamp"] = datetime.now(UTC).isoformat()
        event["context"] = event["context"] | {"assessment_id": quiz}
        event["payload"] = {"score": score, "passed": score >= 50}
    pages.sender.send(*events)


def test_an_alert_comes_and_goes_on_an_open_inbox_without_losing_what_is_chosen(
    tab: Page, pages: Pages
) -> None:
    step_in(tab, pages, "instructor")
    tab.goto("/alerts?rule=failed_submits")
    tab.wait_for_selector("[data-live=on]")
    fail_quiz(pages, "pages-student-20", "browser-first", 1, 2, 3)
    first = tab.locator(".alert-line", has_text="browser-first")
    expect(first).to_have_count(1, timeout=15_000)
    expect(tab.locator("#alert-count")).not_to_be_empty(timeout=15_000)
    first.get_by_role("checkbox").check()
    fail_quiz(pages, "pages-student-21", "browser-second", 1, 2, 3)
    second = tab.locator(".alert-line", has_text="browser-second")
    expect(second).to_have_count(1, timeout=15_000)
    expect(first.get_by_role("checkbox")).to_be_checked()
    fail_quiz(pages, "pages-student-21", "browser-second", 90)
    expect(second).to_have_count(0, timeout=15_000)


def test_alerts_are_acknowledged_and_a_message_is_drafted_with_the_keyboard(tab: Page, pages: Pages) -> None:
    step_in(tab, pages, "instructor")
    fail_quiz(pages, "pages-student-22", "browser-keys", 1, 2, 3)
    tab.goto("/alerts")
    line = tab.locator(".alert-line", has_text="browser-keys")
    expect(line).to_have_count(1, timeout=15_000)
    line.get_by_role("checkbox").focus()
    tab.keyboard.press("Space")
    tab.get_by_role("button", name="Message these students").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_have_text("Message students")
    tab.go_back()
    line.get_by_role("checkbox").check()
    tab.get_by_role("button", name="Acknowledge").focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("status").first).to_contain_text("1 alert acknowledged.")
    expect(line).to_have_count(0)


def test_the_inbox_fits_a_phone(tab: Page, pages: Pages) -> None:
    step_in(tab, pages, "instructor")
    fail_quiz(pages, "pages-student-23", f"browser-{'long' * 10}", 1, 2, 3)
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto("/alerts?state=all")
    line = tab.locator(".alert-line", has_text="browser-long")
    expect(line).to_have_count(1, timeout=15_000)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    line.get_by_role("link").first.click()
    tab.wait_for_selector("#evidence-title")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.get_by_role("button", name="Message these students").click()
    tab.wait_for_selector("#text-en")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_reference_of_the_api_works_without_a_script_in_the_page(tab: Page) -> None:
    tab.goto("/docs")
    operation = tab.locator(".opblock", has_text="/v1/events").first
    operation.click()
    expect(operation.get_by_text("NDJSON").or_(operation.get_by_text("Content-Type")).first).to_be_visible()


def test_a_number_says_why_down_to_the_gaps(tab: Page, pages: Pages) -> None:
    """With the keyboard alone, from the number on a card to the events of a session."""
    tab.goto(pages.student)
    number = tab.locator("#card-student_headline .why").nth(2)
    shown = number.inner_text()
    number.focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_contain_text(shown)
    expect(tab.locator("tfoot")).to_contain_text("Sum")
    total = tab.locator("tfoot td").last.inner_text()
    row = tab.locator("tbody tr")
    expect(row).to_have_count(1)
    assert row.locator("td").last.inner_text() == total
    row.get_by_role("link").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("tbody tr").first).to_contain_text("Lesson begun")
    assert tab.locator("tfoot td").last.inner_text() == total
    tab.get_by_role("link", name="Back to the number").click()
    expect(tab.locator("tfoot")).to_contain_text(total)
    told = tab.request.get(tab.url.replace("?", ".json?", 1)).json()
    assert told["total"] == told["value"]


#: Layout shift that nobody notices; 0.1 is called good (web.dev, Core Web Vitals).
STEADY = 0.02

WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("role", ["student", "instructor", "manager", "admin"])
def test_the_first_page_of_a_role_stays_where_it_is_while_it_loads(
    tab: Page, pages: Pages, role: str
) -> None:
    step_in(tab, pages, role)
    tab.add_init_script(WATCH_SHIFTS)
    for width in (1280, 390):
        tab.set_viewport_size({"width": width, "height": 844})
        tab.goto("/")
        expect(tab.locator("[data-option]:not([data-drawn])")).to_have_count(0)
        expect(tab.locator("[hx-trigger^='load']")).to_have_count(0)
        assert tab.evaluate("window.shifted") < STEADY, width
