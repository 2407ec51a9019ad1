<?php
// SPDX-License-Identifier: Apache-2.0
// Settings of every wiki: pages and media lie beside them, and Tomcat has asked who it is.
$conf['useacl'] = 0;
$conf['userewrite'] = 2;
$conf['savedir'] = dirname(DOKU_CONF) . '/data';
