// The page as it stands, as HTML that can be parsed again. Runs in a world of its own, where the page's scripts have
// changed nothing; and asks for properties by their getters, since a form or an image may be named as one of them.
// Copies are made in a document without scripts, where no custom element comes alive. What an open shadow root holds
// stands before the children of its host. What is no content is left out.
(mostNodes, mostCharacters) => {
  const getter = (type, name) => Function.prototype.call.bind(Object.getOwnPropertyDescriptor(type.prototype, name).get);
  const method = (type, name) => Function.prototype.call.bind(type.prototype[name]);
  const firstChild = getter(Node, "firstChild"), nextSibling = getter(Node, "nextSibling");
  const nodeType = getter(Node, "nodeType"), data = getter(CharacterData, "data");
  const localName = getter(Element, "localName"), shadowRoot = getter(Element, "shadowRoot");
  const append = method(Node, "appendChild");
  const left = new Set(["script", "style", "noscript", "template"]);
  const ofDocument = new Set(["base", "meta", "title", "link"]);  // which say nothing within a shadow root
  const inert = getter(Document, "implementation")(document).createHTMLDocument("");
  const top = getter(Document, "documentElement")(document);
  const root = inert.importNode(top, false);
  const waiting = [[top, root, false]];
  let nodes = 0;
  while (waiting.length) {
    const [original, copy, isShadow] = waiting.pop();
    const shadow = shadowRoot(original);
    for (const parent of shadow ? [shadow, original] : [original]) {
      for (let child = firstChild(parent); child; child = nextSibling(child)) {
        if (++nodes > mostNodes) return {};
        if (nodeType(child) === 3) append(copy, inert.createTextNode(data(child)));
        if (nodeType(child) !== 1 || left.has(localName(child))) continue;
        if ((isShadow || parent === shadow) && ofDocument.has(localName(child))) continue;
        const made = inert.importNode(child, false);
        append(copy, made);
        waiting.push([child, made, isShadow || parent === shadow]);
      }
    }
  }
  const html = "<!DOCTYPE html>" + root.outerHTML;
  return html.length > mostCharacters ? {} : {html, url: getter(Document, "URL")(document)};
}
