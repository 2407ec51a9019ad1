/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of docs/protocol.md: what valve and helper agree on, and nothing else. */
#pragma once

#include <stdint.h>

enum {
    PROTOCOL_VERSION = 1,
    PROTOCOL_WAY_FILES = 1,
    PROTOCOL_WAY_PROGRAMS = 2,
    PROTOCOL_ROOT_READ_ONLY = 1 << 0,
    PROTOCOL_ROOT_ARCHIVE = 1 << 1,
};

enum {
    FRAME_HEADER = 8,
    FRAME_MAX_CONFINE = 65536,
    FRAME_MAX_REQUEST = 8192,
    FRAME_MAX_ENTRIES = 65536, /* the whole frame, header included */
    READ_MAX = 1048576,
    CONTENT_MAX = 1048576,
    CONTEXT_MAX = 1024,
    REQUEST_ID_MAX = 64,
    PATH_OCTETS_MAX = 4095,
    ACCOUNT_NAME_MAX = 256,
    CAPABILITIES_MAX = 64,
    CAPABILITY_NAME_MAX = 64,
    ROOTS_MAX = 64,
    HANDLES_MAX = 16,
    FRAME_MAX_FIND = 8194, /* two paths */
    FRAME_MAX_RUN = 131072,
    STREAM_MAX = 65536, /* octets of one STDIN, STDOUT or STDERR */
    CONFINE_DEADLINE_MS = 1000,
};

/* In the field `want` of OPEN: if the answer has the whole file, the helper leaves behind it. */
#define PROTOCOL_OPEN_LAST (UINT32_C(1) << 31)

enum request_type {
    REQUEST_CONFINE = 1,
    REQUEST_STAT = 2,
    REQUEST_OPEN = 3,
    REQUEST_READ = 4,
    REQUEST_CLOSE = 5,
    REQUEST_LIST = 6,
    REQUEST_MKDIR = 7,
    REQUEST_CREATE = 8,
    REQUEST_CONTENT = 9,
    REQUEST_COMMIT = 10,
    REQUEST_ABORT = 11,
    REQUEST_DELETE = 12,
    REQUEST_ACCESS = 13,
};

enum program_request_type {
    REQUEST_FIND = 32,
    REQUEST_RUN = 33,
    REQUEST_STDIN = 34,
    REQUEST_STDIN_END = 35,
};

enum reply_type {
    REPLY_CONFINED = 65,
    REPLY_FAILED = 66,
    REPLY_ATTRIBUTES = 67,
    REPLY_DATA = 68,
    REPLY_ENTRIES = 69,
    REPLY_DONE = 70,
};

enum program_reply_type {
    REPLY_FOUND = 96,
    REPLY_STARTED = 97,
    REPLY_STDOUT = 98,
    REPLY_STDERR = 99,
    REPLY_STDIN_CLOSED = 100,
    REPLY_EXITED = 101,
};

/* Flags of RUN. */
enum run_flag {
    RUN_ELSEWHERE = 1 << 0, /* only where the kernel takes the program to another domain */
};

/* What ended a program, beside itself. */
enum limit {
    LIMIT_NONE = 0,
    LIMIT_TIME = 1,
    LIMIT_PROCESSOR = 2,
    LIMIT_FILE_SIZE = 3,
    LIMIT_PROCESSES = 4,
    LIMIT_SILENCE = 5, /* it neither took nor gave anything for as long as the progress timeout */
    LIMIT_MEMORY = 6,
    LIMIT_MEMORY_PERHAPS = 7, /* it failed, and had come near to the addresses that it may have */
};

enum measure {
    MEASURE_CONTEXT = 1 << 0,
    MEASURE_NO_NEW_PRIVS = 1 << 1,
    MEASURE_LANDLOCK = 1 << 2,
    MEASURE_FILTER = 1 << 3,
    MEASURE_NO_CAPABILITIES = 1 << 4, /* but those that were asked for */
    MEASURE_IDENTITY = 1 << 5,
    MEASURE_LIMITS = 1 << 6,
};

enum failed_reason {
    FAILED_MALFORMED = 1,
    FAILED_NOT_ALLOWED = 2,
    FAILED_CONTEXT = 3,
    FAILED_ROOT = 4,
    FAILED_OTHER = 5,
    FAILED_IDENTITY = 6,
};

enum kind {
    KIND_FILE = 1,
    KIND_DIRECTORY = 2,
    KIND_WAY = 3, /* in no root, but on the way to where one is mounted */
};

/* Who refused what errno EACCES or EPERM stands for. */
enum refused {
    REFUSED_NOT = 0,
    REFUSED_UNIX = 1,
    REFUSED_SELINUX = 2,
    REFUSED_UNKNOWN = 3,
    REFUSED_CONFLICT = 4, /* the helper itself: somebody would gain or lose a right to the file */
};

/* What CREATE does where there is a file. */
enum upload_mode {
    UPLOAD_NEW = 0,      /* refuses */
    UPLOAD_REPLACE = 1,  /* replaces it whole, if label, owner, mode and ACL stay */
    UPLOAD_IN_PLACE = 2, /* writes into it, if it has no other name */
};

/* What ACCESS asks for. */
enum access {
    ACCESS_READ = 1 << 0,
    ACCESS_WRITE = 1 << 1,
    ACCESS_DEEP = 1 << 2,
};
