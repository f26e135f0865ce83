daicho_fuzz(dpkg_status SOURCES ${CMAKE_CURRENT_LIST_DIR}/../dpkg_status_fuzz.cc DEPS daicho_sources)
