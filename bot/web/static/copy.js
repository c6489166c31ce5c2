// The button that copies the address of a calendar: only where it can.

const button = document.getElementById("copy");
const copied = document.getElementById("copied");

button.hidden = !navigator.clipboard;
button.addEventListener("click", async () => {
  await navigator.clipboard.writeText(document.getElementById("address").value);
  copied.textContent = copied.dataset.done;
});
