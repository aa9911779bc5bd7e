// A photo's bytes by tus, as tus-js-client's manual has it.
import { createReadStream } from 'node:fs'
import { FileUrlStorage, Upload } from 'tus-js-client'

// Sends the file as the photo's bytes, from where the server has them on; `urls` is a file that
// keeps across restarts where uploads are. Gives the requests that it made: [method, offset].
export const upload = async ({ file, endpoint, token, photoId, sha256, urls, retryDelays }) => {
  const requests = []
  let settle
  const done = new Promise((resolve, reject) => {
    settle = { onSuccess: () => resolve(requests), onError: reject }
  })
  const sending = new Upload(createReadStream(file), {
    ...settle,
    endpoint,
    retryDelays,
    headers: { Authorization: `Bearer ${token}` },
    metadata: { photo_id: photoId, sha256 },
    urlStorage: new FileUrlStorage(urls),
    removeFingerprintOnSuccess: true,
    onBeforeRequest: (request) =>
      requests.push([request.getMethod(), Number(request.getHeader('Upload-Offset') ?? 0)]),
  })
  const [previous] = await sending.findPreviousUploads()
  if (previous) sending.resumeFromPreviousUpload(previous)
  sending.start()
  return done
}
