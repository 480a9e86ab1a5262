/** Makes each button with `data-copies` copy the text of the element that it names. */
export function bringCopyButtonsToLife(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>('button[data-copies]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const source = document.getElementById(button.dataset.copies ?? '');
      if (source === null) return;
      const isCopied = await copy(source);
      button.textContent = isCopied ? 'Copied' : 'Selected: press Ctrl C';
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
  }
}

async function copy(source: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    return true;
  } catch {
    // plain http away from localhost has no clipboard; an old command may still copy what is selected
    getSelection()?.selectAllChildren(source);
    return document.execCommand('copy');
  }
}
