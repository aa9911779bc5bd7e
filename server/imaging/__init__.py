"""Pictures out of bytes that a stranger sent, in a process of its own with limits on memory, time
and output, which may crash or be killed without harm.

`develop` and `blur` run `server.imaging.decoder`; nothing else of Promessa opens a photo."""

from server.imaging.process import LIMITS, Developed, Failed, Limits, Refused, blur, develop

__all__ = ["LIMITS", "Developed", "Failed", "Limits", "Refused", "blur", "develop"]
