/* Shows the values of the parameters as of the day that the reader chooses.  Without it, they are those of the document. */
(function () {
  "use strict";
  var known = window.VALEURS, field = document.getElementById("r-jour"), form = document.getElementById("r-choix");
  if (!known || !field || !form) return;
  function at(parameter, day) {
    var found = "";
    if (parameter.fin && day > parameter.fin) return "sans valeur à cette date";
    parameter.valeurs.forEach(function (one) { if (one[0] <= day) found = one[1]; });
    return found || "sans valeur à cette date";
  }
  function show(day) {
    document.querySelectorAll(".valeur").forEach(function (place) {
      var name = Array.from(place.classList).find(function (one) { return one.indexOf("p-") === 0; });
      var parameter = name && known.parametres[name.slice(2)];
      if (!parameter) return;
      if (place.dataset.ecrit === undefined) place.dataset.ecrit = place.textContent;
      var said = day === known.jour ? place.dataset.ecrit : at(parameter, day);
      place.textContent = said;
      place.classList.toggle("change", said !== place.dataset.ecrit);
    });
    document.querySelectorAll(".dessin line.jour").forEach(function (line) {
      var data = line.dataset, first = Date.parse(data.premier), last = Date.parse(data.dernier);
      var share = (Date.parse(day) - first) / (last - first);
      line.classList.toggle("absent", !(share >= 0 && share <= 1));
      ["x1", "x2"].forEach(function (side) { line.setAttribute(side, +data.gauche + Math.min(Math.max(share, 0), 1) * data.largeur); });
    });
    document.getElementById("r-autre").hidden = day === known.jour;
  }
  var kept = "recevable-jour";
  function read() { try { return sessionStorage.getItem(kept); } catch (error) { return null; } }
  function keep(day) { try { sessionStorage.setItem(kept, day); } catch (error) { /* the choice is for this page only */ } }
  form.hidden = false;
  field.value = read() || known.jour;
  field.addEventListener("change", function () {
    if (!field.value) field.value = known.jour;
    keep(field.value);
    show(field.value);
  });
  if (document.querySelector(".valeur, .dessin line.jour")) show(field.value); else form.hidden = true;
})();
