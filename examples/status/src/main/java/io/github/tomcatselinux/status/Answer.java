// SPDX-License-Identifier: Apache-2.0
// What a valve answers to a question.
package io.github.tomcatselinux.status;

/**
 * In the valve's words.
 *
 * @param isWrong whether the question could not be answered as it is
 */
record Answer(String text, boolean isWrong) {}
