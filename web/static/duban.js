// Comforts only: whatever stands here can also be done without it.
"use strict";

(function () {
  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  // "/" goes to the search field, unless somebody is typing.
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    var field = document.getElementById("find");
    if (event.key === "/" && !typing && field && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      field.focus();
    }
  });

  // A page may name the key of a link or button: data-key="j". Nobody is typing, no other key is held.
  document.addEventListener("keydown", function (event) {
    var free = !/^(INPUT|TEXTAREA|SELECT|BUTTON|A|SUMMARY)$/.test(event.target.tagName) || event.key !== "Enter";
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (typing || !free || event.ctrlKey || event.altKey || event.metaKey || event.repeat) { return; }
    each("[data-key]", function (target) {
      if (target.dataset.key === event.key) { event.preventDefault(); target.click(); }
    });
  });
  each("[data-print]", function (button) { button.addEventListener("click", function () { window.print(); }); });
  function reveal() { each("[data-only-script]", function (hint) { hint.hidden = false; }); }
  reveal();
  document.addEventListener("htmx:afterSettle", reveal);

  // What is wider than the screen opens where it matters: at the page one is on, at today.
  each(".side [aria-current], [data-today]", function (mark) {
    var box = mark.closest(".side, .line-scroll, .matrix-scroll");
    var middle = box.getBoundingClientRect().left + box.clientWidth / 2;
    box.scrollLeft += mark.getBoundingClientRect().left - middle;
  });

  // One tick for all rows of the page: data-all names their boxes.
  document.addEventListener("change", function (event) {
    var name = event.target.dataset.all;
    if (name) { each("input[name=" + name + "]", function (box) { box.checked = event.target.checked; }); }
  });

  // A form is sent once, and says that it is on its way. Coming back to the page, it can be used again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    var button = event.submitter || form.querySelector("button");
    if (button) { button.setAttribute("aria-busy", "true"); }
  });
  // Whoever goes back to a form that was sent finds it under the key it was sent under: the same again has no effect.
  each("form[action] input[name=key]", function (field) {
    var name = "key " + field.form.getAttribute("action"), kept = Object.assign({}, history.state);
    if (kept[name]) { field.value = kept[name]; return; }
    kept[name] = field.value;
    history.replaceState(kept, "");
  });
  window.addEventListener("pageshow", function () {
    each("form[data-sent]", function (form) { delete form.dataset.sent; });
    each("[aria-busy]", function (button) { button.removeAttribute("aria-busy"); });
  });
})();

// Evidence: files may also be dropped on the box or pasted, and pictures are shown before they are sent.
(function () {
  var MOST = 20 * 1024 * 1024;

  function show(input, list) {
    list.textContent = "";
    Array.prototype.forEach.call(input.files, function (file) {
      var line = document.createElement("li");
      if (/^image\//.test(file.type)) {
        var picture = document.createElement("img");
        picture.alt = "";
        picture.src = URL.createObjectURL(file);
        picture.onload = function () { URL.revokeObjectURL(picture.src); };
        line.appendChild(picture);
      }
      var name = document.createElement("span");
      name.textContent = file.name + (file.size > MOST ? "（超过 20 MB，传不上去）" : "");
      name.className = file.size > MOST ? "bad" : "";
      line.appendChild(name);
      list.appendChild(line);
    });
  }

  function add(input, files) {
    var all = new DataTransfer();
    Array.prototype.forEach.call(input.files, function (file) { all.items.add(file); });
    Array.prototype.forEach.call(files, function (file) { all.items.add(file); });
    input.files = all.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  Array.prototype.forEach.call(document.querySelectorAll("[data-drop]"), function (box) {
    var input = box.querySelector("input[type=file]");
    var list = box.querySelector("[data-picked]");
    input.addEventListener("change", function () { show(input, list); });
    if (typeof DataTransfer !== "function") { return; }
    ["dragover", "dragleave", "drop"].forEach(function (kind) {
      box.addEventListener(kind, function (event) {
        event.preventDefault();
        box.classList.toggle("over", kind === "dragover");
        if (kind === "drop") { add(input, event.dataTransfer.files); }
      });
    });
    document.addEventListener("paste", function (event) {
      if (event.clipboardData && event.clipboardData.files.length) { add(input, event.clipboardData.files); }
    });
  });
})();
