// Adds a field to the long list that follows the script. It hides the rows whose name does not have what is typed.

const script = document.querySelector("script[data-filter]"), list = script.nextElementSibling;
const rows = [...(list.tBodies?.[0].rows ?? list.children)];
const LATIN = { đ: "d", ł: "l", ø: "o", ı: "i" }; // letters that Unicode does not decompose
const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFKC").toLowerCase()
  .replace(/[đłøı]/g, (letter) => LATIN[letter]);
const names = rows.map((row) => plain(row.querySelector("a").textContent));

const [field, label, input, count] = ["p", "label", "input", "output"].map((name) => document.createElement(name));
field.className = "filter";
input.type = "search";
input.autocomplete = "off";
label.append(script.dataset.filter, " ", input);
field.append(label, " ", count);
script.before(field);

input.addEventListener("input", () => {
  const text = plain(input.value.trim());
  rows.forEach((row, index) => { row.hidden = !names[index].includes(text); });
  count.value = text && `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
});
