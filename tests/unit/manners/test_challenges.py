"""Bot walls are told from pages, and pages that speak of them are no walls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.manners.challenges import LOOKED_AT, WALLS, challenge

# Short forms of what each wall sends: status, headers, body.
CHALLENGES = {
    "cloudflare": [
        (403, {"cf-mitigated": "challenge"}, "<title>Just a moment...</title>"),
        (200, {"cf-mitigated": "challenge"}, ""),
        (503, {}, "<script>window._cf_chl_opt={cvId:'3'}</script>"),
        (403, {}, "<script src=/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=1></script>"),
        (403, {}, "<title>Attention Required! | Cloudflare</title>"),
        (200, {}, "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"),
    ],
    "akamai": [
        (403, {}, "<TITLE>Access Denied</TITLE> <P>Reference&#32;&#35;18&#46;2d351ab8&#46;1557333295"),
        (403, {}, "https://errors.edgesuite.net/18.2d351ab8"),
        (429, {}, '<div id="sec-if-cpt-container"></div><script src="/_sec/cp_challenge/sec-3-4.js"></script>'),
    ],
    "imperva": [
        (403, {}, "Request unsuccessful. Incapsula incident ID: 118000-1"),
        (
            200,
            {},
            '<iframe id="main-iframe" src="/_Incapsula_Resource?CWUDNSAI=5">Incapsula incident ID: 1</iframe>',
        ),
    ],
    "datadome": [
        (403, {}, "<script>var dd={'host':'geo.captcha-delivery.com/captcha/'}</script>"),
        (
            200,
            {},
            "<script data-cfasync=\"false\">var dd={'rt':'c','host':'geo.captcha-delivery.com'}</script>",
        ),
    ],
    "human": [
        (403, {}, "<script>window._pxAppId = 'PX1';</script>"),
        (429, {}, "<script>window._pxAppId='PX1'</script><div id=\"px-captcha\"></div>"),
    ],
    "aws_waf": [
        (202, {"x-amzn-waf-action": "challenge"}, ""),
        (405, {"x-amzn-waf-action": "captcha"}, ""),
        (202, {}, "<script>window.gokuProps = {};AwsWafIntegration.checkForceRefresh()</script>"),
        (403, {}, "<script src=https://1.eu.token.awswaf.com/1/challenge.js></script>"),
    ],
    "sucuri": [
        (403, {"x-sucuri-block": "bot"}, ""),
        (403, {}, "<title>Sucuri WebSite Firewall - Access Denied</title>"),
        (200, {}, "<title>You are being redirected...</title><script>sucuri_cloudproxy_js='';</script>"),
    ],
    "ddos_guard": [
        (403, {}, "<title>DDoS-Guard</title>"),
        (200, {}, "<title>DDOS-GUARD</title><script src=/.well-known/ddos-guard/js-challenge/index.js></script>"),
    ],
    "kasada": [(429, {}, "<script>window.KPSDK={};</script><script src=/149e/2d20/ips.js?x=1></script>")],
    "f5": [
        (
            200,
            {},
            "<title>Request Rejected</title>The requested URL was rejected. Please consult with your administrator.",
        ),
        (200, {}, '<script>window["bobcmn"] = "1";</script><script src="/TSPD/08ef?type=10"></script>'),
        (503, {}, '<script>window["bobcmn"] = "1";</script>'),
    ],
    "anubis": [
        (
            200,
            {},
            '<script id="anubis_challenge" type="a">{}</script><script src=/.within.website/x/cmd/anubis/a.mjs></script>',
        ),
        (403, {}, "<img src=/.within.website/x/cmd/anubis/static/img/reject.webp>"),
    ],
    "go_away": [(403, {}, "<link rel=stylesheet href=/.well-known/.git.gammaspectra.live/git/go-away/cmd/a.css>")],
    "vercel": [
        (429, {"x-vercel-mitigated": "challenge"}, ""),
        (403, {"x-vercel-mitigated": "deny"}, ""),
        (429, {}, "<title>Vercel Security Checkpoint</title>"),
    ],
    "siteground": [
        (202, {"sg-captcha": "challenge"}, ""),
        (200, {}, '<meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2F&y=ipr:192.0.2.1:1">'),
        (200, {}, '<title>Robot Challenge Screen</title><script>const sgchallenge="20:1"</script>'),
    ],
    "imunify360": [
        (403, {}, "<p>Access denied, powered by Imunify360"),
        (
            200,
            {},
            "<script>setTimeout(function(){window.location.reload()},5000)</script><title>One moment, please...</title>",
        ),
    ],
    "bunny_shield": [
        (200, {}, "<title>Establishing a secure connection ...</title><script src=/.bunny-shield/a.js></script>"),
        (403, {}, "<script src=/.bunny-shield/assets/shield-challenge.js></script>"),
    ],
    "fastly": [(200, {}, "<title>Client Challenge</title><script src=/_fs-ch-1T1wmsGaOgGaSxcX/script.js></script>")],
    "qrator": [(200, {}, '<script src="/__qrator/qauth_utm_v2d_v9118.js"></script>')],
    "radware": [
        (200, {}, "<title>Radware Captcha Page</title><link href=https://captcha.perfdrive.com/x.css>"),
        (403, {}, "<title>Unauthorized Request Blocked</title>"),
    ],
    "barracuda": [(403, {}, "<p>Blocked by Barracuda Networks")],
    "stackpath": [(403, {}, "<p>example.test is using a security service for protection against online attacks.")],
    "wordfence": [(503, {}, "<p>Generated by Wordfence at Thu, 1 Jan")],
    "litespeed": [(200, {}, "<title>Bot Verification</title><form action=/.lsrecap/recaptcha?></form>")],
    "bitninja": [(200, {}, "<title>Visitor anti-robot validation</title>Security check by BitNinja")],
    "safeline": [(200, {}, '<script src="/.safeline/static/challenge.js"></script>')],
    "alibaba": [(200, {}, "<html><script>var arg1='0A1B';function setCookie(){}//acw_sc__v2</script>")],
    "testcookie": [(200, {}, '<script>document.cookie="__test="+toHex(slowAES.decrypt(c,2,a,b))</script>')],
    "haproxy_protection": [(403, {}, "<script src=/.basedflare/js/challenge.js></script>")],
    "reblaze": [(200, {}, "<script>window.rbzns={};winsocks(true)</script>")],
    "malcare": [(403, {}, "<p>Blocked because of Malicious Activities")],
    "shield_security": [(403, {}, "<p>You were blocked by the Shield.")],
    "sitelock": [(403, {}, "<p>SiteLock Incident ID: 1")],
}
PAGES = {
    "an ordinary page": (200, {"server": "nginx"}, "<h1>Hello</h1>"),
    "an ordinary refusal": (403, {"server": "nginx"}, "<h1>403 Forbidden</h1>"),
    "an ordinary failure": (503, {}, "<h1>Service Unavailable</h1>"),
    "a page behind Cloudflare": (
        200,
        {"server": "cloudflare", "cf-ray": "8f-VIE", "cf-cache-status": "HIT"},
        "<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>",
    ),
    "a refusal of the site's own, behind Cloudflare": (403, {"server": "cloudflare"}, "<h1>members only</h1>"),
    "a page behind Incapsula": (
        200,
        {"x-iinfo": "9-1", "x-cdn": "Imperva"},
        "<script src=/_Incapsula_Resource?SWJIYLWA=71></script>",
    ),
    "a page behind DataDome": (
        200,
        {"x-datadome": "protected"},
        "<script src=https://js.datadome.co/tags.js></script>",
    ),
    "a page with HUMAN's sensor": (200, {}, "<script>window._pxAppId = 'PX1'</script>"),
    "a page with the AWS WAF's sensor": (200, {}, "<script src=https://1.eu.token.awswaf.com/1/challenge.js></script>"),
    "an article on Cloudflare": (200, {}, "<code>window._cf_chl_opt</code> Attention Required! | Cloudflare"),
    "an article on Anubis": (200, {}, "Its scripts lie in /.within.website/x/cmd/anubis/, see &lt;script id=…"),
    "an article on F5": (
        200,
        {},
        "<title>What to do when it says Request Rejected</title>The requested URL was rejected.",
    ),
    "an article on SiteGround": (200, {}, "It sends you to /.well-known/sgcaptcha/ and shows Robot Challenge Screen"),
    "a page that waits": (200, {}, "<title>One moment, please...</title><p>Your order is being placed."),
    "an article on DDoS-Guard": (200, {}, "<title>DDoS-Guard and others</title>"),
    "a page that is gone": (404, {"cf-mitigated": "challenge"}, ""),
    "a redirect": (302, {}, "Incapsula incident ID"),
    "a header without a value": (403, {"x-sucuri-block": ""}, ""),
}


@pytest.mark.parametrize(("name", "answer"), [(name, answer) for name in CHALLENGES for answer in CHALLENGES[name]])
def test_a_challenge_is_known_by_its_wall(name, answer):
    status, headers, body = answer
    assert challenge(status, headers, body.encode()) == name


@pytest.mark.parametrize("page", PAGES)
def test_what_is_no_challenge_has_no_wall(page):
    status, headers, body = PAGES[page]
    assert challenge(status, headers, body.encode()) is None


def test_every_wall_has_a_challenge_here():
    assert {wall.name for wall in WALLS} == set(CHALLENGES)


def test_markers_are_in_lower_case_as_bodies_are_compared():
    for wall in WALLS:
        assert all(marker == marker.lower() for marker in (*wall.body, *wall.unmistakable))
        assert all(name == name.lower() and value == value.lower() for name, value in wall.headers)


def test_only_the_beginning_of_a_body_is_looked_at():
    assert challenge(403, {}, b"a" * LOOKED_AT + b"Incapsula incident ID") is None


@given(st.integers(100, 599), st.dictionaries(st.text(), st.text()), st.binary())
def test_anything_can_be_asked_about(status, headers, body):
    challenge(status, headers, body)
