// SPDX-License-Identifier: Apache-2.0
// A table that scrolls by itself where it is wider than the window.
package io.github.tomcatselinux.status;

/** The first cell of each row is its head. One without rows is a sentence instead. */
final class Table {
    private final Html html;
    private final String caption;
    private final String id;
    private final String[] heads;
    private boolean isBegun;

    private Table(Html html, String id, String caption, String... heads) {
        this.html = html;
        this.id = id;
        this.caption = caption;
        this.heads = heads;
    }

    static Table begin(Html html, String id, String caption, String... heads) {
        html.element("h3", caption, "id", id);
        return new Table(html, id, caption, heads);
    }

    void row(String head, String... cells) {
        if (!isBegun) {
            isBegun = true;
            begin();
        }
        html.open("tr", "role", "row");
        html.open("th", "scope", "row", "role", "rowheader")
                .element("bdi", head)
                .close("th");
        for (int i = 0; i < cells.length; i++) {
            html.open("td", "role", "cell", "data-head", heads[i + 1]);
            html.element("bdi", cells[i]).close("td");
        }
        html.close("tr");
    }

    /** The roles are said since a narrow window has the cells one below the other, and a table that looks like none is none. */
    private void begin() {
        // Who has no mouse scrolls what has the focus.
        html.open("div", "class", "scroll", "role", "region", "tabindex", "0", "aria-labelledby", id);
        html.open("table", "role", "table").element("caption", caption);
        html.open("thead", "role", "rowgroup").open("tr", "role", "row");
        for (String name : heads) {
            html.element("th", name, "scope", "col", "role", "columnheader");
        }
        html.close("tr").close("thead").open("tbody", "role", "rowgroup");
    }

    void end(String otherwise) {
        if (isBegun) {
            html.close("tbody").close("table").close("div");
        } else {
            html.element("p", otherwise, "class", "note");
        }
    }
}
