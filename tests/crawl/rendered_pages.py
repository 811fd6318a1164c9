"""Pages that scripts write, each site a host of its own, and which links are found of each: written out by hand."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.crawl.small_web import Answer


class Found(NamedTuple):
    """A link as the view `backlinks` has it. to: the first label of its domain."""

    to: str
    anchor: str
    origin: str
    is_removed: bool = False
    rel: str = ""
    rendered_rel: str | None = None
    is_dofollow: bool = True
    link_type: str = "text"


def script(body: str) -> Answer:
    return Answer(body, headers={"Content-Type": "text/javascript"})


def links(*names: str) -> str:
    return " ".join(f"<a href=http://{name}.test/>{name}</a>" for name in names)


def html(*names: str) -> list[Found]:
    """Of a page that was not rendered, or whose rendering failed."""
    return [Found(name, name, "html") for name in names]


def removed(*names: str) -> list[Found]:
    return [Found(name, name, "html", is_removed=True) for name in names]


def both(*names: str) -> list[Found]:
    return [Found(name, name, "both") for name in names]


def rendered(*names: str) -> list[Found]:
    return [Found(name, name, "rendered") for name in names]


# `add("one")` appends a link to one.test, as links("one") writes it.
ADD = """<body><script>
function link(name) {
    const made = document.createElement("a");
    made.href = `http://${name}.test/`;
    made.textContent = name;
    return made;
}
function add(name, parent = document.body) { parent.append(link(name), " "); }
</script>"""

BATCHES = """
let batches = 0;
function batch() {
    batches += 1;
    const made = document.createElement("div");
    made.style.height = "4000px";
    made.append(link(`batch${batches}`));
    list.append(made);
}"""

PAGES: dict[str, Any] = {
    # What stands below what is in view is got when it comes into view.
    "observer.test/": f"""{ADD}<div id=list></div><div id=end style=height:10px></div><script>{BATCHES}
        const observer = new IntersectionObserver(entries => {{
            if (!entries[0].isIntersecting) return;
            observer.unobserve(end);
            fetch("/more.json").then(answer => answer.json()).then(() => {{ batch(); observer.observe(end); }});
        }});
        observer.observe(end);</script>""",
    "observer.test/more.json": Answer("{}", headers={"Content-Type": "application/json"}),
    "scrolled.test/": f"""{ADD}<div id=list></div><script>{BATCHES}
        batch(); batch(); batch();
        addEventListener("scroll", () => {{
            if (scrollY + innerHeight >= document.documentElement.scrollHeight - 100) batch();
        }});</script>""",
    # The page's own time: 5 s, and 2 s more when its end has come into view.
    "late.test/": f"""{ADD}<script>
        addEventListener("load", () => add("load"));
        requestAnimationFrame(() => requestAnimationFrame(() => add("frame")));
        setTimeout(() => add("soon"), 4_000);
        setTimeout(() => add("scrolled"), 6_000);
        setTimeout(() => add("late"), 60_000);</script>""",
    # Nobody clicks.
    "click.test/": f"""{ADD}<button id=more>more</button><span onclick="location='http://span.test/'">span</span>
        <script>more.onclick = () => add("clicked");
        addEventListener("mousemove", () => add("moved"));</script>{links("kept")}""",
    "shadow.test/": f"""{ADD}<div id=host>{links("light")}</div><div id=shut></div><my-card></my-card><script>
        const outer = host.attachShadow({{mode: "open"}});
        outer.innerHTML = "<p id=nest></p><slot></slot>";
        add("outer", outer);
        add("nested", outer.querySelector("#nest").attachShadow({{mode: "open"}}));
        add("closed", shut.attachShadow({{mode: "closed"}}));
        customElements.define("my-card", class extends HTMLElement {{
            connectedCallback() {{ add("card", this.attachShadow({{mode: "open"}})); }}
        }});</script>
        <div><template shadowrootmode=open><base href=http://wrong.test/><meta name=robots content=nofollow>
        {links("declared")}</template></div><a href=//relative.test/>relative</a><a href=inside>inside</a>""",
    "shadow.test/inside": links("inside"),
    # Its content is shown; but a rendering cannot tell whether scripts have removed it.
    "closed.test/": f"""{ADD}<div><template shadowrootmode=closed>{links("shut")}</template></div>{links("beside")}
        <script>add("written")</script>""",
    # Frames are pages of their own.
    "frames.test/": f"""{ADD}<iframe src=/inner></iframe><iframe src=http://framed.test/ title=a_frame></iframe>
        <iframe srcdoc='{links("srcdoc")}'></iframe><script>
        const blank = document.createElement("iframe"), added = document.createElement("iframe");
        document.body.append(blank, added);
        blank.contentDocument.body.append(link("blank"));
        added.src = "/added";
        add("after");</script>""",
    "frames.test/inner": f"{links('within')}{ADD}<script>add('written')</script>",
    "frames.test/added": links("by-script"),
    "changes.test/": f"""<a href=http://gets.test/>gets</a><a href=http://loses.test/ rel=nofollow>loses</a>
        <a href=http://turns.test/ rel=ugc>turns</a><a href=http://same.test/ rel=sponsored>same</a>
        <a href=http://words.test/>as written</a><a href=http://place.test/>moves</a>{links("stays", "goes")}<script>
        const [gets, loses, turns, same, words, place, stays, goes] = document.links;
        gets.rel = "nofollow noopener";
        loses.removeAttribute("rel");
        turns.rel = "sponsored";
        words.textContent = "as scripts say";
        place.href = "http://elsewhere.test/";
        goes.remove();</script>""",
    "facts.test/": f"""<title>before</title>{links("plain")}<script>document.title = "after";
        document.head.innerHTML += "<meta name=robots content=nofollow>";</script>""",
    # document.write while the page is parsed; and when it has been, which begins a new one.
    # What is refused does not count among what a page may ask for.
    "gallery.test/": f"""{ADD}{"<img src=/image>" * 300}<script>
        addEventListener("load", () => fetch("/name").then(answer => answer.text()).then(add))</script>""",
    "gallery.test/name": Answer("late", headers={"Content-Type": "text/plain"}),
    # In the encoding that was found; and as HTML, of which it has the look.
    "untyped.test/": Answer(
        f"<p>words {ADD}<a href=http://umlaut.test/>Z\u00fcrich</a><script>add('written')</script>",
        headers={"Content-Type": ""},
    ),
    # Of another origin scripts read what it allows, and a redirect does not hide it.
    "origins.test/": f"""{ADD}<script>
        for (const url of ["http://other.test:{{port}}/shut", "http://other.test:{{port}}/open", "/moved"])
            fetch(url).then(answer => answer.text()).then(add)</script>""",
    "origins.test/moved": Answer(status=302, headers={"Location": "http://other.test:{port}/shut"}),
    "other.test/": links("elsewhere"),
    "other.test/shut": Answer("shut", headers={"Content-Type": "text/plain"}),
    "other.test/open": Answer("open", headers={"Content-Type": "text/plain", "Access-Control-Allow-Origin": "*"}),
    "refresh.test/": f"<meta http-equiv=refresh content='1;url=http://onward.test/'>{links('beside')}",
    "write.test/": f"{links('before')}<script>document.write('{links('written')}')</script>{links('after')}",
    "rewrite.test/": f"""{links("before")}<script>
        setTimeout(() => {{ document.open(); document.write("{links("anew")}"); document.close(); }}, 100)</script>""",
    # Where the page says that it is, and where it wants to go.
    "push.test/": f"""{ADD}<a href=beside>beside</a><script>history.pushState(null, "", "/deep/er/");
        add("pushed");</script>""",
    "push.test/beside": links("beside"),
    "push.test/deep/er/beside": links("deeper"),
    "away.test/": f"""{ADD}<script>add("before"); location.href = "http://left.test/for";
        setTimeout(() => add("after"), 1_000);</script>""",
    "within.test/": f"""{links("here")}<script>location.href = "/there";
        document.head.innerHTML += "<meta http-equiv=refresh content='1;url=/onward'>"</script>""",
    "within.test/there": links("there"),
    "within.test/onward": links("onward"),
    # What a browser with scripts does not show, and what is no part of the page until it is copied into it.
    "inert.test/": f"""{ADD}<noscript>{links("without")}</noscript><template>{links("inert")}</template>
        <template id=used>{links("copied")}</template><script>document.body.append(used.content.cloneNode(true))</script>""",
    # Names and prototypes of the page's that are ours too.
    "clobber.test/": f"""{ADD}<form><input name=firstChild><input name=nextSibling><input name=nodeType>
        <input name=localName><input name=shadowRoot><input name=attributes>{links("in-form")}</form>
        <img name=documentElement><img name=implementation><script>
        add("added", document.forms[0]);
        for (const name of ["firstChild", "nextSibling", "nodeType"])
            Object.defineProperty(Node.prototype, name, {{get: () => null}});
        Object.defineProperty(Element.prototype, "outerHTML", {{get: () => "<p>nothing"}});
        Array.prototype.pop = Set.prototype.has = Document.prototype.importNode = () => {{ throw 1 }};
        JSON.stringify = Function.prototype.call = () => "";
        window.scrollTo = undefined;</script>""",
    "noise.test/": f"""{ADD}<a id=file href=/file.pdf download>file</a><script>
        alert("stop"); confirm("stop"); prompt("stop"); print();
        addEventListener("beforeunload", event => {{ event.preventDefault(); event.returnValue = "stay"; }});
        open("http://opened.test/"); open("/popup"); open("about:blank")?.document.write("popup");
        file.click();
        location.href = "/attachment";
        location.href = "mailto:somebody@noise.test";
        close();
        add("after");
        setTimeout(() => add("later"), 3_000);</script>""",
    "noise.test/attachment": Answer("PK", headers={"Content-Type": "application/zip"}),
    "scripts.test/": f"""{ADD}<script type=module src=/main.js></script><script src=/missing.js></script>
        <script>add("before"); nothing.at.all();</script><script>add("after")</script>""",
    "scripts.test/main.js": script(
        'import {name} from "./part.js"; add(name); add(await (await import("./late.js")).name)'
    ),
    "scripts.test/part.js": script('export const name = "imported";'),
    "scripts.test/late.js": script('export const name = Promise.resolve("awaited");'),
}

# Nothing is left of them but what their HTML said.
VANISHING = {
    "back.test/": f"{links('kept')}<script>history.back()</script>",
    "blank.test/": f"{links('kept')}<script>setTimeout(() => location.href = 'about:blank', 100)</script>",
    "blob.test/": f"""{links("kept")}<script>
        location.href = URL.createObjectURL(new Blob(["x"], {{type: "text/html"}}))</script>""",
    "rootless.test/": f"{links('kept')}<script>document.documentElement.remove()</script>",
}

FOUND: dict[str, list[Found]] = {
    # 4,000 px a batch: two fill the 6,000 px of the view, and one more comes when the end is scrolled to.
    "observer.test/": rendered("batch1", "batch2", "batch3"),
    "scrolled.test/": rendered("batch1", "batch2", "batch3", "batch4"),
    "late.test/": rendered("load", "frame", "soon", "scrolled"),
    "click.test/": both("kept"),
    "shadow.test/inside": both("inside"),
    "closed.test/": html("shut") + both("beside") + rendered("written"),
    "shadow.test/": both("light", "relative", "declared") + rendered("outer", "nested", "card"),
    "frames.test/": [Found("framed", "a_frame", "both", link_type="frame"), *rendered("after")],
    "frames.test/inner": both("within") + rendered("written"),
    "frames.test/added": both("by-script"),
    "changes.test/": [
        Found("gets", "gets", "both", rendered_rel="nofollow noopener", is_dofollow=False),
        Found("loses", "loses", "both", rel="nofollow", rendered_rel="", is_dofollow=False),
        Found("turns", "turns", "both", rel="ugc", rendered_rel="sponsored", is_dofollow=False),
        Found("same", "same", "both", rel="sponsored", is_dofollow=False),
        Found("words", "as written", "both"),
        Found("place", "moves", "html", is_removed=True),
        Found("elsewhere", "moves", "rendered"),
        *both("stays"),
        *removed("goes"),
    ],
    "facts.test/": [Found("plain", "plain", "both", is_dofollow=False)],
    "gallery.test/": rendered("late"),
    "untyped.test/": [Found("umlaut", "Z\u00fcrich", "both"), *rendered("written")],
    "origins.test/": rendered("open"),
    "other.test/": both("elsewhere"),
    "refresh.test/": [*both("beside"), Found("onward", "", "both", link_type="redirect")],
    "write.test/": both("before", "after") + rendered("written"),
    "rewrite.test/": removed("before") + rendered("anew"),
    "push.test/": rendered("pushed"),
    "push.test/beside": both("beside"),
    "push.test/deep/er/beside": both("deeper"),
    "away.test/": [*rendered("before", "after"), Found("left", "", "rendered", link_type="redirect")],
    "within.test/": both("here"),
    "within.test/there": both("there"),
    "within.test/onward": both("onward"),
    "inert.test/": removed("without") + rendered("copied"),
    "clobber.test/": both("in-form") + rendered("added"),
    "noise.test/": rendered("after", "later"),
    "scripts.test/": rendered("imported", "awaited", "before", "after"),
}
