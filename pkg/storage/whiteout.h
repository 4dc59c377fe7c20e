/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_WHITEOUT_H
#define STORAGE_WHITEOUT_H

/* Names in layer archives that stand for what is not there (image-spec, layer.md, "Whiteouts"). */
#define WHITEOUT_PREFIX ".wh."         /* ".wh.NAME": the layers below have no NAME */
#define WHITEOUT_OPAQUE ".wh..wh..opq" /* the layers below have nothing in this directory */
#define WHITEOUT_RESERVED ".wh..wh."   /* begins this one and others that stand for no file */

#endif
