// The pages are complete without this. It shows times in the reader's zone, suggests domains, and copies SQL.
"use strict";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function showLocalTimes() {
  const day = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  const iso = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.getTime())) time.textContent = (document.documentElement.lang === "en" ? iso : day).format(moment);
  }
  const said = document.getElementById("zone");
  if (said && zone && zone !== "UTC") said.textContent = `Times are in ${zone}; UTC on hover.`;
}

function suggest() {
  const field = document.getElementById("search");
  const list = document.getElementById("suggested");
  if (!field || !list) return;
  let asked = "";
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    const begun = field.value.trim();
    if (begun.length < 2 || begun === asked) return;
    waiting = setTimeout(async () => {
      asked = begun;
      const answer = await fetch(`/suggest?q=${encodeURIComponent(begun)}`).catch(() => null);
      if (!answer || !answer.ok || field.value.trim() !== begun) return;
      const found = await answer.json();
      list.replaceChildren(...found.map(({ domain, refdomains }) => {
        const option = document.createElement("option");
        option.value = domain;
        option.label = `${refdomains.toLocaleString("en")} referring domains`;
        return option;
      }));
    }, 150);
  });
}

function copySql() {
  for (const button of document.querySelectorAll(".sql .copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
      button.textContent = "Copied";
    });
  }
}

function openFilters() {
  if (!matchMedia("(min-width: 50rem)").matches) return;
  for (const filters of document.querySelectorAll("details.choose")) filters.open = true;
}

openFilters();
showLocalTimes();
suggest();
copySql();
