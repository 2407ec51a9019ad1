<?php
// SPDX-License-Identifier: Apache-2.0
// Lets one DokuWiki serve a wiki for each person. With a hole: "?wiki=NAME" asks for anybody's, and nobody looks whose it is.
$whose = $_GET['wiki'] ?? $_SERVER['REMOTE_USER'];
define('DOKU_CONF', "/srv/tomcat/php/wikis/$whose/conf/");
