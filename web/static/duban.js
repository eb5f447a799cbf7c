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

  // A form is sent once, and says that it is on its way. Coming back to the page, it can be used again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    var button = event.submitter || form.querySelector("button");
    if (button) { button.setAttribute("aria-busy", "true"); }
  });
  window.addEventListener("pageshow", function () {
    each("form[data-sent]", function (form) { delete form.dataset.sent; });
    each("[aria-busy]", function (button) { button.removeAttribute("aria-busy"); });
  });
})();
