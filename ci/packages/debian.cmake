# Debian packages: the plugin, its engine, LibTorch, which serves all versions of it, and the part for NVIDIA cards.
#   cpack --config CPackConfig.cmake in the build's folder; ci/package.sh does it
set(debian_plugin obs-background-matting)
set(debian_engine background-matting)
set(debian_libtorch background-matting-libtorch2.11)
set(debian_cuda background-matting-cuda)

set(package_version ${PROJECT_VERSION})
if(MATTING_PACKAGE_VERSION)
	set(package_version ${MATTING_PACKAGE_VERSION})
endif()
file(STRINGS libtorch_changelog libtorch_version LIMIT_COUNT 1)
string(REGEX REPLACE ".*\\((.*)\\).*" "\\1" libtorch_version "${libtorch_version}")
file(STRINGS ${CMAKE_SOURCE_DIR}/ci/libtorch.txt libtorch_pinned REGEX "^torch==")
string(REGEX REPLACE "^torch==([0-9.]+) .*" "\\1" libtorch_pinned "${libtorch_pinned}")
if(NOT libtorch_version MATCHES "^${libtorch_pinned}-" OR NOT libtorch_pinned MATCHES "^2[.]11[.]")
	message(FATAL_ERROR "ci/libtorch.txt has LibTorch ${libtorch_pinned}: bring up to it ci/packages/libtorch_changelog "
		"(${libtorch_version}), and the names in ci/packages/debian.cmake and ci/packages/lintian/libtorch")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ${PROJECT_NAME})
set(CPACK_PACKAGE_VERSION ${package_version})
set(CPACK_PACKAGE_CONTACT ${MATTING_CONTACT})
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE ${MATTING_HOMEPAGE})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/debian)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
	OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL plugin engine libtorch cuda)
if(NOT TARGET background-matting-cuda)
	list(REMOVE_ITEM CPACK_COMPONENTS_ALL cuda)
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

# What ci/check_package.py holds them to: the same on every system, unlike what dpkg-shlibdeps finds on this one.
set(c_libraries "libc6 (>= 2.35), libgcc-s1 (>= 3.4), libstdc++6 (>= 12)")
set(summary "Takes the room out of a camera's picture and leaves you")
set(what "Leaves a person before any background in OBS Studio, without a green screen:
each frame is compared with a picture of the empty room, by the neural
network BackgroundMattingV2.
")

set(CPACK_DEBIAN_PLUGIN_PACKAGE_NAME ${debian_plugin})
set(CPACK_DEBIAN_PLUGIN_PACKAGE_DEPENDS "${c_libraries}, obs-studio (>= 29), ${debian_engine} (= ${package_version})")
set(CPACK_COMPONENT_PLUGIN_DESCRIPTION "${summary}
${what}
This is the filter for OBS Studio.")
set(CPACK_DEBIAN_ENGINE_PACKAGE_NAME ${debian_engine})
set(CPACK_DEBIAN_ENGINE_PACKAGE_DEPENDS "${c_libraries}, ${debian_libtorch} (>= ${libtorch_version})")
set(CPACK_DEBIAN_ENGINE_PACKAGE_RECOMMENDS "libcairo2, libcurl4 | libcurl4t64")
set(CPACK_DEBIAN_ENGINE_PACKAGE_SUGGESTS "${debian_cuda} (= ${package_version})")
set(CPACK_COMPONENT_ENGINE_DESCRIPTION "${summary} (engine)
${what}
This is the program that the filter starts, with the model. It also
removes backgrounds from pictures and videos.")
set(CPACK_DEBIAN_LIBTORCH_PACKAGE_NAME ${debian_libtorch})
set(CPACK_DEBIAN_LIBTORCH_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBTORCH_PACKAGE_DEPENDS "libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 7)")
# Every version of it has the same files, and so only one can be installed.
foreach(relation PROVIDES CONFLICTS REPLACES)
	set(CPACK_DEBIAN_LIBTORCH_PACKAGE_${relation} background-matting-libtorch)
endforeach()
set(CPACK_COMPONENT_LIBTORCH_DESCRIPTION "${summary} (LibTorch)
${what}
This is LibTorch 2.11, which serves all versions of the engine, so that it
is downloaded once.")
set(CPACK_DEBIAN_CUDA_PACKAGE_NAME ${debian_cuda})
set(CPACK_DEBIAN_CUDA_PACKAGE_DEPENDS "${c_libraries}, ${debian_engine} (= ${package_version})")
set(CPACK_COMPONENT_CUDA_DESCRIPTION "${summary} (NVIDIA)
${what}
This is the part of the engine for NVIDIA cards from Turing (GTX 16, RTX 20)
on. It needs NVIDIA's driver, 580 or newer.")

find_program(GZIP gzip REQUIRED)
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/debian)
execute_process(
	COMMAND ${CMAKE_COMMAND} -E env CONTACT=${MATTING_CONTACT} VERSION=${PROJECT_VERSION} PACKAGE_VERSION=${package_version}
	sh ${CMAKE_CURRENT_SOURCE_DIR}/debian_changelog.sh ${CMAKE_SOURCE_DIR} OUTPUT_FILE ${CMAKE_CURRENT_BINARY_DIR}/debian/changelog
	COMMAND_ERROR_IS_FATAL ANY)
configure_file(libtorch_changelog debian/libtorch_changelog @ONLY)
foreach(changelog changelog libtorch_changelog)
	execute_process(COMMAND ${GZIP} -9nc ${CMAKE_CURRENT_BINARY_DIR}/debian/${changelog}
		OUTPUT_FILE ${CMAKE_CURRENT_BINARY_DIR}/debian/${changelog}.gz COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND ${GZIP} -9nc ${CMAKE_CURRENT_SOURCE_DIR}/background-matting.1
	OUTPUT_FILE ${CMAKE_CURRENT_BINARY_DIR}/debian/background-matting.1.gz COMMAND_ERROR_IS_FATAL ANY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/debian/background-matting.1.gz DESTINATION share/man/man1 COMPONENT engine)

# Where the sources are: the README's words, and for each package the versions.
file(READ README.md readme)
if(NOT readme MATCHES "\n[*][*]Sources[.][*][*] (.*)\n\n[*][*]Additional permission")
	message(FATAL_ERROR "README.md does not say where the sources are, in a paragraph before that of the additional permission")
endif()
string(REPLACE "`" "" sources "${CMAKE_MATCH_1}")
set(sources_plugin "")
set(sources_engine "")
set(sources_cuda "")
if(MATTING_FFMPEG) # to be packed
	file(STRINGS ${CMAKE_SOURCE_DIR}/ci/ffmpeg.sh sources_engine REGEX "^[a-z0-9]+_version=")
	list(TRANSFORM sources_engine REPLACE "_version=" " ")
	foreach(component plugin engine cuda)
		foreach(package IN LISTS passed_on_${component})
			execute_process(COMMAND dpkg-query --show [[--showformat=${source:Package} ${source:Version}]] ${package}
				OUTPUT_VARIABLE source COMMAND_ERROR_IS_FATAL ANY)
			list(APPEND sources_${component} ${source})
		endforeach()
		list(JOIN sources_${component} "\n  " sources_${component})
		string(PREPEND sources_${component} "\nDebian's source packages, of which this one has parts:\n  ")
		string(APPEND sources_${component} "\n")
	endforeach()
endif()
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
	set(changelog ${CMAKE_CURRENT_BINARY_DIR}/debian/changelog.gz)
	set(changelog_name changelog.gz)
	set(copyright "Background Matting for OBS Studio
Copyright: the contributors of ${PROJECT_NAME}
License: GPL-2.0-or-later, see /usr/share/common-licenses/GPL-2

Additional permission: under section 7 of the GNU GPL version 3, and as an
exception to version 2, its own code may be linked or combined with NVIDIA's
CUDA runtime and CUPTI, with Intel's oneAPI Math Kernel Library, and with
OpenSSL, and the result be passed on.
")
	if(component STREQUAL engine)
		string(APPEND copyright "
The program holds a part of OpenSSL 3 (Apache-2.0): as a whole it is under
GPL-3.0-or-later, see /usr/share/common-licenses/GPL-3
")
	endif()
	if(component STREQUAL libtorch) # nothing of ours
		set(changelog ${CMAKE_CURRENT_BINARY_DIR}/debian/libtorch_changelog.gz)
		set(changelog_name changelog.Debian.gz)
		set(copyright "LibTorch, from PyTorch (https://pytorch.org)\n")
	endif()
	string(APPEND copyright "\nSources: ${sources}\n${sources_${component}}"
		"\nWhat is in this package of others' is under these terms.\n")
	foreach(license IN LISTS licenses_${component})
		cmake_path(GET license PARENT_PATH owner)
		cmake_path(GET owner FILENAME owner)
		file(READ ${license} content)
		string(APPEND copyright "\n======== ${owner}\n\n${content}")
	endforeach()
	file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/debian/${component}/copyright "${copyright}")
	install(FILES ${CMAKE_CURRENT_BINARY_DIR}/debian/${component}/copyright
		DESTINATION share/doc/${debian_${component}} COMPONENT ${component})
	install(FILES ${changelog} DESTINATION share/doc/${debian_${component}} RENAME ${changelog_name} COMPONENT ${component})
	if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/lintian/${component})
		install(FILES lintian/${component} DESTINATION share/lintian/overrides RENAME ${debian_${component}}
			COMPONENT ${component})
	endif()
endforeach()
include(CPack)
