/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.
 *
 * Status numbers of calls. A status is 0 or more for success, and one of these,
 * negated, for an error. The numbers are part of the wire. Those below 1000 are
 * the errno of the same name on Linux; the others have no errno.
 * Compiles as C99 and C++11. */

#ifndef RINGWAY_ERRORS_H_
#define RINGWAY_ERRORS_H_

#define RW_EOK 0
#define RW_EPERM 1        /* the caller's right to the object does not include this method */
#define RW_ENOENT 2       /* nobody serves this (any more) */
#define RW_EIO 5          /* the portal failed in a way that has no better name */
#define RW_EAGAIN 11      /* nothing is there now */
#define RW_ENOMEM 12      /* no memory, or over a limit */
#define RW_EBUSY 16       /* somebody else uses it: a view is live, a target is shared */
#define RW_EEXIST 17      /* the name or number is taken */
#define RW_EINVAL 22      /* an argument that cannot be */
#define RW_EPIPE 32       /* nobody takes this message */
#define RW_ERANGE 34      /* an index beyond the end */
#define RW_ENOSYS 38      /* the interface is there, the method is not */
#define RW_ELOOP 40       /* handed on too often */
#define RW_EPROTO 71      /* a message that cannot be */
#define RW_EUSERS 87      /* as many connections as the server admits */
#define RW_ECONNRESET 104 /* the other side is gone */
#define RW_ENOBUFS 105    /* more attachments than a message may carry */
#define RW_ETIMEDOUT 110
#define RW_ESTALE 116    /* a handle to something that is gone */
#define RW_ECANCELED 125 /* the reply was dropped without an answer */

#define RW_EBADPROTO 1001    /* the object has no such interface */
#define RW_EMSGTOOSHORT 1002 /* the message ends within a parameter */
#define RW_EMSGTOOLONG 1003  /* a parameter is larger than there is room for */
#define RW_EMSGMISSARG 1004  /* a capability that has to be there is not */
#define RW_EMSGERRRANGE 1005 /* the status does not fit the declared return type */
#define RW_ENOREPLY 1006     /* returned by a handler: the reply was taken, and comes later */

#endif /* RINGWAY_ERRORS_H_ */
