// Pictures in the size that a model looks at. The browser decodes, scales and encodes; which size it
// is, the core says.
import { calculateCost, imageAdvice } from "./promptfare.js";

/** What is encoded here; a GIF may move, and other kinds are left as they are. */
const KINDS = ["image/png", "image/jpeg", "image/webp"];
/** The quality of JPEG and lossy WebP, of 1: beyond it files grow faster than what is seen of it. */
const QUALITY = 0.9;

function invalid(message) {
  return Object.assign(new Error(message), { name: "PromptfareError", kind: "invalid_input" });
}

const dataUrl = (blob) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result);
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(blob);
});

/** A canvas of that size: off the page where there is such a thing. */
function canvasOf(width, height) {
  if (typeof OffscreenCanvas === "function") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

function encode(canvas, type) {
  if (canvas.convertToBlob !== undefined) return canvas.convertToBlob({ type, quality: QUALITY });
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(invalid("picture: too large for this browser's canvas")) : resolve(blob)), type, QUALITY);
  });
}

/** Halves until the rest is less than a half: one large step would skip pixels in some browsers. */
function scaled(bitmap, width, height) {
  let [source, w, h] = [bitmap, bitmap.width, bitmap.height];
  for (;;) {
    w = Math.max(width, Math.ceil(w / 2));
    h = Math.max(height, Math.ceil(h / 2));
    const canvas = canvasOf(w, h);
    const context = canvas.getContext("2d");
    if (context === null) throw invalid("picture: this browser gives no canvas to scale it on");
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, w, h);
    if (w === width && h === height) return canvas;
    source = canvas;
  }
}

export async function shrinkImage(picture, model, options = {}) {
  if (!(picture instanceof Blob)) throw invalid("picture: wanted a Blob or File");
  let bitmap;
  try {
    // As it is to be looked at: a camera's turn (EXIF) becomes part of the pixels.
    bitmap = await createImageBitmap(picture, { imageOrientation: "from-image" });
  } catch {
    throw invalid(`picture: this browser cannot read it as an image (${picture.type || "no type"})`);
  }
  try {
    const { width, height } = bitmap;
    const advice = imageAdvice({ width, height }, model);
    const before = { width, height, bytes: picture.size, tokens: advice?.tokens ?? null };
    const as = async (blob, size, tokens, lossless) => {
      const saved = before.tokens === null || tokens === null ? 0 : before.tokens - tokens;
      return {
        picture: await dataUrl(blob), ...size, bytes: blob.size, tokens, before, tokensSaved: saved,
        usdSaved: saved === 0 ? null : priceOf(model, saved), lossless,
      };
    };
    const unchanged = () => as(picture, { width, height }, before.tokens, true);
    const cheaper = advice?.cheaper ?? null;
    const take = cheaper !== null && (advice.lossless || options.cheaper === true);
    const target = take ? cheaper : advice?.sameView ?? null;
    if (target === null || !KINDS.includes(picture.type) || target.width >= width || target.height >= height) return await unchanged();
    const blob = await encode(scaled(bitmap, target.width, target.height), picture.type);
    // A browser that cannot write this kind writes PNG, which may be larger than what there was.
    if (!take && blob.size >= picture.size) return await unchanged();
    const size = { width: target.width, height: target.height };
    return await as(blob, size, take ? cheaper.tokens : imageAdvice(size, model)?.tokens ?? before.tokens, take ? advice.lossless : true);
  } finally {
    bitmap.close();
  }
}

/** What so many tokens cost as input; null where the model has no price. */
function priceOf(model, inputTokens) {
  try {
    return calculateCost(model, { inputTokens, outputTokens: 0 }).usd;
  } catch {
    return null;
  }
}
